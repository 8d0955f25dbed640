"""Sign-up, sign-in and sign-out: the only routes that set the session cookie. Pages post to them by fetch.

An account with an authenticator app gets no session here, but a ticket with which its code is awaited (app/api/passwords.py).
"""

import asyncio
from typing import Any

from fastapi import APIRouter, BackgroundTasks, Request, Response
from pydantic import Field

from app.api.door import DoorBody, From, Landing, Parts, Typed, land, reading, set_cookie
from app.api.envelope import REFUSALS
from app.api.passwords import SECOND_FACTOR_COOKIE, SECOND_FACTOR_PATH
from app.api.proving import begin_account, prepare_account, prove_password, prove_pending, renew_weak_hash, sends_letter_first
from app.api.visitor import Visitor
from app.core.destinations import safe_destination, wants_own_account
from app.services import accounts
from app.session import COOKIE, token_from_cookies
from app.views.accounts import SignedIn
from app.wiring import Wiring

router = APIRouter(prefix="/api/v1/auth", tags=["auth"], responses=REFUSALS)


class SignUpBody(DoorBody):
    """A new account."""

    name: Typed
    email: Typed
    password: Typed


class SignInBody(DoorBody):
    """Address and password."""

    email: Typed
    password: Typed


class DemoBody(DoorBody):
    """The shared demo account."""


class FinishBody(DoorBody):
    """The ticket of a sign-up's letter, and the password that was chosen."""

    token: str = Field(default="", max_length=400)
    password: Typed


@router.post("/sign-up", status_code=201)
async def sign_up(
    body: SignUpBody, later: BackgroundTasks, *, request: Request, response: Response, visitor: From, wiring: Parts
) -> Landing:
    """Open an account with a personal workspace, and sign in; or, where letters are sent, send one that finishes it (202)."""
    hashed = await prepare_account(wiring, visitor, name=body.name, email=body.email, password=body.password)
    if sends_letter_first(wiring):
        later.add_task(begin_account, wiring, name=body.name, email=body.email, password_hash=hashed, destination=body.next)
        response.status_code = 202
        return Landing(next="/sign-up?sent=1")
    earlier = token_from_cookies(request.headers.get("cookie", ""))
    opened = await asyncio.to_thread(_create_and_open, wiring, body, hashed, earlier, visitor)
    return land(response, wiring, opened, body.next)


def _create_and_open(wiring: Wiring, body: SignUpBody, hashed: str, earlier: str, visitor: Visitor) -> SignedIn:
    with wiring.unit() as uow:
        user_id = accounts.create_account(uow, name=body.name, email=body.email, password_hash=hashed).id
        found = accounts.Credentials(user_id=user_id, password_hash=hashed)
        return accounts.open_session(uow, credentials=found, replaces=earlier, user_agent=visitor.user_agent, address=visitor.address)


@router.post("/sign-up/finish", status_code=201)
async def finish_sign_up(body: FinishBody, *, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Make the account of a letter's link, and sign in."""
    pending = await prove_pending(wiring, visitor, token=body.token, password=body.password)
    earlier = token_from_cookies(request.headers.get("cookie", ""))

    def make() -> SignedIn:
        with wiring.unit() as uow:
            found = accounts.finish_account(uow, pending=pending)
            return accounts.open_session(uow, credentials=found, replaces=earlier, user_agent=visitor.user_agent, address=visitor.address)

    return land(response, wiring, await asyncio.to_thread(make), body.next)


@router.post("/sign-in")
async def sign_in(body: SignInBody, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Open a session; a wrong password and an unknown address are answered alike."""
    found = await prove_password(wiring, visitor, email=body.email, password=body.password)
    try:
        opened = await _open(wiring, found, request, visitor, wanted=body.next)
    except accounts.SecondFactorNeeded:
        ticket = await asyncio.to_thread(wiring.call, accounts.open_second_factor, None, credentials=found)
        set_cookie(response, wiring, SECOND_FACTOR_COOKIE, ticket, max_age_s=600, path=SECOND_FACTOR_PATH)
        return Landing(next=f"/sign-in/code?next={safe_destination(body.next)}")
    except accounts.WorkspaceSignInNeeded as needed:
        return Landing(next=needed.door)
    await renew_weak_hash(wiring, found, body.password)
    return land(response, wiring, opened, body.next)


@router.post("/demo")
async def use_demo_account(body: DemoBody, request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:
    """Open a session of the demo account, which exists only outside production."""
    await asyncio.to_thread(accounts.throttle_demo, wiring.ports.limiter, network=visitor.network)
    found = await reading(wiring, accounts.find_demo_account)
    return land(response, wiring, await _open(wiring, found, request, visitor), body.next)


@router.post("/sign-out")
async def sign_out(request: Request, response: Response, visitor: From, wiring: Parts) -> Landing:  # noqa: ARG001 - the visitor's origin is what is checked
    """End the session everywhere this cookie is used; fine without one."""
    token = token_from_cookies(request.headers.get("cookie", ""))
    await asyncio.to_thread(wiring.call, accounts.sign_out, None, token=token)
    response.delete_cookie(COOKIE, path="/")
    response.headers["Cache-Control"] = "no-store"
    return Landing(next="/sign-in")


async def _open(wiring: Wiring, found: accounts.Credentials, request: Request, visitor: Visitor, *, wanted: str = "") -> SignedIn:
    earlier = token_from_cookies(request.headers.get("cookie", ""))
    facts: dict[str, Any] = {"replaces": earlier, "user_agent": visitor.user_agent, "address": visitor.address}
    is_own = wants_own_account(wanted)
    return await asyncio.to_thread(wiring.call, accounts.open_session, None, credentials=found, for_own_account=is_own, **facts)
