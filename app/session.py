"""The bridge from Reflex states to services: who is signed in, which workspace, and one unit of work per call."""

import asyncio
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar

import reflex as rx

from app.core.uow import Actor, UnitOfWork
from app.services.accounts import resolve_actor
from app.wiring import get_wiring

T = TypeVar("T")
COOKIE = "af_session"


def token_from_cookies(header: str) -> str:
    """Return the session token of a Cookie header, or ""."""
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def call_as(token: str, service: Callable[..., T], *, write: bool, arguments: dict[str, Any]) -> T:
    """Resolve the actor from SQL and run the service, in one transaction; blocking, so call it in a thread."""
    with get_wiring().unit(write=write) as uow:
        uow.actor = resolve_actor(uow, token=token)
        return service(uow, **arguments)


class Bridge(rx.State, mixin=True):
    """Mixin of every page state. `_call` and `_read` re-read session, membership and role on every call."""

    def _token(self) -> str:
        return token_from_cookies(self.router.headers.cookie or "")

    async def _call(self, service: Callable[..., T], **kwargs: Any) -> T:
        """Run a service that writes."""
        return await asyncio.to_thread(call_as, self._token(), service, write=True, arguments=kwargs)

    async def _read(self, service: Callable[..., T], **kwargs: Any) -> T:
        """Run a service that only reads; on SQLite it takes no write lock."""
        return await asyncio.to_thread(call_as, self._token(), service, write=False, arguments=kwargs)


__all__ = ["COOKIE", "Actor", "Bridge", "UnitOfWork", "call_as", "token_from_cookies"]
