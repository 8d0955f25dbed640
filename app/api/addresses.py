"""Lets addresses that no file system could hold reach the page that says so, instead of the file server's bare refusal."""

from starlette.types import ASGIApp, Receive, Scope, Send

LONGEST_NAME = 255  # bytes, of one part of a path


class OddAddresses:
    """ASGI middleware around the pages: looking such a path up fails as an address that does not exist. The API sees what was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "http" and not scope["path"].startswith("/api/") and _is_odd(scope["path"]):
            scope = {**scope, "path": "/".join(map(_fitting, scope["path"].split("/")))}
        await self.app(scope, receive, send)


def _is_odd(path: str) -> bool:
    return "\0" in path or (
        len(path) > LONGEST_NAME // 4 and any(len(part.encode("utf-8", "replace")) > LONGEST_NAME for part in path.split("/"))
    )


def _fitting(part: str) -> str:
    return part[: LONGEST_NAME // 4].replace("\0", "\ufffd")
