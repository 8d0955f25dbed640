"""Gives visitors and search engines finished HTML of public pages: Reflex builds one empty page for every address.

Around the whole site; pages of people with a session pass unchanged.
"""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.page_markup import PublicPage, fill
from app.session import token_from_cookies

CONDITIONS = (b"if-none-match", b"if-modified-since", b"accept-encoding", b"range")
OF_FILE = ("etag", "last-modified", "content-length", "content-encoding", "accept-ranges")

Describe = Callable[[str, str], PublicPage | None]


class PageHeads:
    """ASGI middleware; `describe(path, query)` says what a public page shows, or None for every other address."""

    def __init__(self, app: ASGIApp, *, describe: Describe) -> None:
        self.app = app
        self._describe = describe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        page = await self._page_for(scope)
        if page is None:
            await self.app(scope, receive, send)
            return
        await self.app(_plain_file(scope), receive, _Filling(send, page, is_head=scope["method"] == "HEAD"))

    async def _page_for(self, scope: Scope) -> PublicPage | None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        if token_from_cookies(Headers(scope=scope).get("cookie", "")):
            return None
        return await asyncio.to_thread(self._describe, scope["path"], scope.get("query_string", b"").decode("latin-1"))


def _plain_file(scope: Scope) -> Scope:
    """The same request for the whole, uncompressed page, at the address under which the build keeps it."""
    path = scope["path"].rstrip("/") + "/"
    headers = [(name, value) for name, value in scope["headers"] if name not in CONDITIONS]
    extensions = {name: value for name, value in scope.get("extensions", {}).items() if name != "http.response.pathsend"}
    return {**scope, "method": "GET", "path": path, "raw_path": path.encode(), "headers": headers, "extensions": extensions}


class _Filling:
    """Holds the answer back until it is whole, then sends it filled in."""

    def __init__(self, send: Send, page: PublicPage, *, is_head: bool) -> None:
        self._send = send
        self._page = page
        self._is_head = is_head
        self._start: Message = {}
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        self._parts.append(message.get("body", b""))
        if message.get("more_body"):
            return
        whole = b"".join(self._parts)
        headers = MutableHeaders(raw=list(self._start["headers"]))
        is_page = self._start["status"] == 200 and headers.get("content-type", "").startswith("text/html")
        if is_page:
            whole = fill(whole.decode(), self._page).encode()
            for name in OF_FILE:
                del headers[name]
            headers["content-length"] = str(len(whole))
        status = self._page.status if is_page else self._start["status"]
        await self._send({**self._start, "status": status, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": b"" if self._is_head else whole})
