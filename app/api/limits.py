"""Limits around /api/v1: requests of one address, size and depth of bodies, and the RateLimit headers of every answer.

Who calls is known further in: app.api.callers counts by account, key and workspace, and leaves its count for the headers here.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.errors import TurnAway, error_body, refuse_strangers
from app.api.visitor import client_address, network_of
from app.core.config import Settings
from app.core.errors import LimitReached
from app.core.ports import RateCount, RateLimiter
from app.core.uow import Actor
from app.wiring import Wiring, get_wiring

log = logging.getLogger(__name__)
BELOW = "/api/v1/"
WINDOW_S = 60
BODY_TIMEOUT_S = 30.0
SHORT = 65_536  # looking at more than this takes a thread, so that nobody else waits
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*+"?')
_COUNT = "af_rate"  # where the tightest count of a request stands in its scope


class RequestLimits:
    """ASGI middleware of the API."""

    def __init__(self, app: ASGIApp, turn_away: TurnAway) -> None:
        self.app = app
        self.turn_away = turn_away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http" or not scope["path"].startswith(BELOW):
            await self.app(scope, receive, send)
            return
        wiring: Wiring = scope["app"].dependency_overrides.get(get_wiring, get_wiring)()

        async def send_with_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                _tell(MutableHeaders(scope=message), scope.get(_COUNT), message["status"])
            await send(message)

        refusal = await _count_address(scope, wiring)
        if refusal is None:
            body = await _read_body(scope, receive, wiring.settings)
            if isinstance(body, JSONResponse):
                refusal = await refuse_strangers(Request(scope), self.turn_away) or body
            if isinstance(body, bytes):
                receive = again(body, receive)
        await (refusal or self.app)(scope, receive, send_with_count)


async def _count_address(scope: Scope, wiring: Wiring) -> JSONResponse | None:
    allowed = wiring.settings.api_per_address
    network = network_of(client_address(HTTPConnection(scope), trusted_proxies=wiring.settings.trusted_proxies))
    try:
        await asyncio.to_thread(_count, scope, wiring.ports.limiter, {f"api:address:{network}": allowed})
    except LimitReached as reached:
        return JSONResponse(error_body(reached.error_code, reached.message), status_code=reached.status)
    return None


def count_caller(scope: Scope, limiter: RateLimiter, settings: Settings, actor: Actor) -> None:
    """Count one call of an account, its key if it came with one, and its workspace; raises LimitReached."""
    counted = {f"api:account:{actor.user_id}": settings.api_per_account}
    if actor.key_id is not None:
        counted[f"api:key:{actor.key_id}"] = settings.api_per_key
    _count(scope, limiter, counted | {f"api:workspace:{actor.workspace_id}": settings.api_per_workspace})


def _count(scope: Scope, limiter: RateLimiter, counted: Mapping[str, int]) -> None:
    limited = {key: allowed for key, allowed in counted.items() if allowed}
    for count in limiter.count(limited, window_s=WINDOW_S) if limited else ():
        earlier: RateCount | None = scope.get(_COUNT)
        if earlier is None or count.remaining < earlier.remaining or count.is_over:
            scope[_COUNT] = count
        if count.is_over:
            raise LimitReached(f"Too many requests. Please try again in {count.reset_s} seconds.")


def _tell(headers: MutableHeaders, count: RateCount | None, status: int) -> None:
    if count is None:
        return
    headers["RateLimit-Limit"] = str(count.allowed)
    headers["RateLimit-Remaining"] = str(count.remaining)
    headers["RateLimit-Reset"] = str(count.reset_s)
    if status == LimitReached.status:
        headers.setdefault("Retry-After", str(count.reset_s))


async def _read_body(scope: Scope, receive: Receive, settings: Settings) -> bytes | JSONResponse:
    """The whole body, or why it is not taken. It is read before the caller is known, so what it may cost is bounded here."""
    most = settings.api_max_body_kb * 1024
    announced = HTTPConnection(scope).headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:18]) > most:
        return _too_large(settings)
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            body = await gather(receive, most)
    except TimeoutError:
        return JSONResponse(error_body("too_slow", f"The body did not arrive within {BODY_TIMEOUT_S:g} seconds."), status_code=408)
    if body is None:
        return _too_large(settings)
    is_deep = (
        await asyncio.to_thread(is_deeper, body, settings.api_max_depth) if len(body) > SHORT else is_deeper(body, settings.api_max_depth)
    )
    if is_deep:
        told = f"The body is nested deeper than the {settings.api_max_depth} levels this API takes."
        return JSONResponse(error_body("too_deep", told), status_code=422)
    return body


async def gather(receive: Receive, most: int) -> bytes | None:
    pieces: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # the client is gone; what reads the body next finds it short
            break
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > most:
            return None
        more = message.get("more_body", False)
    return b"".join(pieces)


def again(body: bytes, receive: Receive) -> Receive:
    """Hand the body out once more, then whatever else the connection says (that the client left, for streams)."""
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def is_deeper(body: bytes, most: int) -> bool:
    """Whether brackets outside of strings are nested deeper than `most`; stops at the first that is."""
    depth = 0
    for sign in _STRINGS.sub(b"", body) if body.count(b"[") + body.count(b"{") > most else b"":
        if sign in b"[{":
            depth += 1
            if depth > most:
                return True
        elif sign in b"]}":
            depth -= 1
    return False


def _too_large(settings: Settings) -> JSONResponse:
    return JSONResponse(
        error_body("too_large", f"The body is larger than the {settings.api_max_body_kb} kB this API takes."), status_code=413
    )
