"""Headers on every response: what the browser may load and who may frame us, and how long files may be cached."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Reflex starts from an inline script and evaluates rx.call_script
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",  # no remote images: model text must not be able to send data out
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
    )
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LASTING = ("/assets/", "/fonts/")  # the bundler puts a content hash into the names of the former; a font that changes gets another name
A_YEAR = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class ResponseHeaders:
    """ASGI middleware around the whole site; what a route sets itself stays. `is_tls` says that people reach the site by https."""

    def __init__(self, app: ASGIApp, *, is_tls: bool = False) -> None:
        self.app = app
        self._fixed = {**FIXED, "Strict-Transport-Security": "max-age=31536000"} if is_tls else FIXED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), self._fixed, path=scope["path"], status=message["status"])
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _complete(headers: MutableHeaders, fixed: Mapping[str, str], *, path: str, status: int) -> None:
    for name, value in fixed.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
    is_lasting = path.startswith(LASTING) and status in (200, 206, 304)
    headers.setdefault("Cache-Control", A_YEAR if is_lasting else ASK_AGAIN)
