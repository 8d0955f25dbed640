"""Clients of the API as programs are: with a key of a person, on the assembled application."""

import asyncio
from collections import Counter
from contextvars import ContextVar
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from app.adapters.live_redis import RedisLiveFeed
from app.api.server import build_api
from app.core.uow import Actor
from app.services.access import create_api_key, open_token_session
from app.services.accounts import Credentials
from app.wiring import Wiring, get_wiring
from models.workspace import Role
from tests.support.people import make_member

ALL_OF_A_MEMBER = ("view", "run", "edit", "decide")


_answering: ContextVar[Wiring] = ContextVar("_answering")


@cache
def _api() -> FastAPI:
    """Assembling all routes takes longer than most tests of them, so it is done once."""
    api = build_api()
    api.dependency_overrides[get_wiring] = lambda: _answering.get()  # `get` itself has a parameter that FastAPI would take from the query
    return api


def api_over(wiring: Wiring) -> ASGIApp:
    """The assembled API, answering each request with these parts; what it followed is let go before its event loop ends."""
    busy: Counter[asyncio.AbstractEventLoop] = Counter()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        busy[loop] += 1
        token = _answering.set(wiring)
        try:
            await _api()(scope, receive, send)
        finally:
            _answering.reset(token)
            busy[loop] -= 1
            if not busy[loop]:
                del busy[loop]
                if isinstance(feed := wiring.ports.live, RedisLiveFeed):
                    await feed.aclose()

    return answer


def visitor(wiring: Wiring, **headers: str) -> TestClient:
    """Somebody without any credential."""
    return TestClient(api_over(wiring), headers=headers, raise_server_exceptions=False)


def person(wiring: Wiring, role: Role = Role.MEMBER) -> Actor:
    """Somebody with a workspace."""
    with wiring.unit() as uow:
        return make_member(uow, role)


def key_of(wiring: Wiring, actor: Actor, *scopes: str) -> str:
    """A key of that person."""
    with wiring.unit() as uow:
        uow.actor = actor
        return create_api_key(uow, name="Test", scopes=list(scopes or ALL_OF_A_MEMBER)).secret


def caller(wiring: Wiring, actor: Actor, *scopes: str) -> TestClient:
    """A program of that person."""
    return visitor(wiring, Authorization=f"Bearer {key_of(wiring, actor, *scopes)}")


def signed_in(wiring: Wiring, actor: Actor) -> TestClient:
    """A program in which that person has signed in."""
    with wiring.unit() as uow:
        pair = open_token_session(uow, credentials=Credentials(user_id=actor.user_id, password_hash=""))
    return visitor(wiring, Authorization=f"Bearer {pair.access_token}")


def data_of(answer: Any) -> Any:
    """What an answer holds, after looking at its envelope."""
    body = answer.json()
    assert answer.status_code < 300, body
    assert set(body) == {"data", "message", "timestamp"}
    return body["data"]


def refusal_of(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal, after looking at its shape."""
    body = answer.json()
    assert set(body) == {"detail", "error_code", "field_errors"}
    assert body["detail"]
    return answer.status_code, body["error_code"]
