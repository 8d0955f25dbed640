"""Gives every HTTP request an id, binds it to the logs, and logs one line per API call; never a query string, body or header."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.logs import log_context

log = logging.getLogger("app.http")
Observe = Callable[[str, str, int, float], None]
"""Method, route pattern, status, seconds."""
_SECRET_PATH = re.compile(r"^(/api/hook(?:s|-runs)/)[^/]+", re.IGNORECASE)
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{8,64}")


class RequestLog:
    """ASGI middleware around the whole site."""

    def __init__(self, app: ASGIApp, observe: Observe | None = None) -> None:
        self.app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope).get("x-request-id", ""))
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        began = time.perf_counter()
        with log_context(request_id=request_id):
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                seconds = time.perf_counter() - began
                if self._observe is not None:
                    self._observe(scope["method"], _pattern(scope), status, seconds)
                if scope["path"].startswith("/api/") or status >= 500:
                    milliseconds = round(seconds * 1000, 1)
                    log.info("%s %s %d in %s ms", scope["method"], _shown(scope["path"]), status, milliseconds)


def _shown(path: str) -> str:
    """The path without the secret in the addresses of webhooks."""
    return _SECRET_PATH.sub(r"\1…", path)


def _pattern(scope: Scope) -> str:
    """The route's pattern, so that ids and typing mistakes make no labels of their own."""
    path = getattr(scope.get("route"), "path_format", "")
    return path or ("/assets" if "." in scope["path"].rpartition("/")[2] else "page")


def _request_id(offered: str) -> str:
    """Take a proxy's id when it is harmless, so that one id follows a request through all logs."""
    return offered if _CLIENT_ID.fullmatch(offered) else uuid.uuid4().hex
