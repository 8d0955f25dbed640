"""The door of Reflex's upload route, which takes files before any event handler is asked: pages of ours, signed-in people, small bodies.

The route acts for the tab that a header names, so the tab has to be of the session that the cookie shows. Files are read by the handler and
never kept, so nothing is served from there either.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.errors import error_body
from app.api.limits import BODY_TIMEOUT_S, again, gather
from app.services.accounts import resolve_actor
from app.session import token_from_cookies
from app.wiring import get_wiring

ROUTE = "/_upload"
TAB = "reflex-client-token"
MOST_BYTES = 3 * 1024 * 1024  # the one form that takes files takes 2 MB


class UploadDoor:
    """ASGI middleware around the whole site. `origins` are those of our own pages; `holds(tab, session)` tells whose a tab is."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str], holds: Callable[[str, str], Awaitable[bool]]) -> None:
        self.app = app
        self._origins = frozenset(origins)
        self._holds = holds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not (path == ROUTE or path.startswith(f"{ROUTE}/")):
            await self.app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        if refusal is None:
            body = await _body(scope, receive)
            if isinstance(body, bytes):
                await self.app(scope, again(body, receive), send)
                return
            refusal = body
        await refusal(scope, receive, send)

    async def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = HTTPConnection(scope).headers
        if scope["path"] != ROUTE or scope["method"] != "POST":
            return _refused(404, "not_found", "Nothing is kept here.")
        if headers.get("origin", "").lower() not in self._origins:
            return _refused(403, "foreign_origin", "This file did not come from a page of this site. Open the site itself.")
        session = token_from_cookies(headers.get("cookie", ""))
        if not await asyncio.to_thread(_is_signed_in, session):
            return _refused(401, "not_signed_in", "Please sign in.")
        tabs = headers.getlist(TAB)
        if len(tabs) != 1 or not await self._holds(tabs[0], session):
            return _refused(403, "foreign_tab", "This file did not come from a page of this sign-in. Reload the page and choose it again.")
        return None


async def _body(scope: Scope, receive: Receive) -> bytes | JSONResponse:
    announced = HTTPConnection(scope).headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > MOST_BYTES:
        return _too_large()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await gather(receive, MOST_BYTES)
    except TimeoutError:
        return _refused(408, "too_slow", f"The file did not arrive within {BODY_TIMEOUT_S:g} seconds.")
    return _too_large() if body is None else body


def _is_signed_in(token: str) -> bool:
    with get_wiring().unit(write=False) as uow:
        return resolve_actor(uow, token=token) is not None


def _too_large() -> JSONResponse:
    return _refused(413, "too_large", f"The file is larger than the {MOST_BYTES // 1024**2} MB that are taken here.")


def _refused(status: int, code: str, words: str) -> JSONResponse:
    return JSONResponse(error_body(code, words), status_code=status)
