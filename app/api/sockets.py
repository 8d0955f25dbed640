"""How many event sockets one address may hold open in a web process: each keeps a state, so a flood of them would take the memory."""

import logging
from collections import Counter

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.visitor import client_address, network_of

log = logging.getLogger(__name__)
TRY_LATER = 1013  # RFC 6455's registry: the server is overloaded, come back later


class SocketLimit:
    """ASGI middleware around the whole site; `allowed` 0 is no limit."""

    def __init__(self, app: ASGIApp, *, allowed: int, trusted_proxies: int) -> None:
        self.app = app
        self._allowed = allowed
        self._trusted_proxies = trusted_proxies
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "websocket" or not self._allowed:
            await self.app(scope, receive, send)
            return
        network = network_of(client_address(HTTPConnection(scope), trusted_proxies=self._trusted_proxies))
        if self._open[network] >= self._allowed:
            log.warning("%s holds %d sockets open; one more was refused", network, self._allowed)
            await receive()  # the handshake, which is answered by 403
            await send({"type": "websocket.close", "code": TRY_LATER, "reason": "Too many open connections from your address."})
            return
        self._open[network] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._open[network] -= 1
            if self._open[network] <= 0:
                del self._open[network]
