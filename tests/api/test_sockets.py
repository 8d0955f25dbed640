"""Event sockets of one address: so many and no more, and a closed one makes room."""

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.api.sockets import SocketLimit


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    socket = WebSocket(scope, receive, send)
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


def test_one_address_holds_so_many_sockets_and_a_closed_one_makes_room() -> None:
    site = SocketLimit(echo, allowed=2, trusted_proxies=1)
    client = TestClient(site)

    def connect(address: str = "192.0.2.1") -> object:
        return client.websocket_connect("/_event", headers={"X-Forwarded-For": address})

    with connect() as first:  # type: ignore[attr-defined]
        first.send_text("hello")
        assert first.receive_text() == "hello"
        with connect():  # type: ignore[attr-defined]
            with pytest.raises(WebSocketDisconnect) as refused, connect():  # type: ignore[attr-defined]
                pass
            assert refused.value.code == 1013
            with connect("192.0.2.2") as other:  # type: ignore[attr-defined]
                other.send_text("elsewhere")
                assert other.receive_text() == "elsewhere"
        with connect() as again:  # type: ignore[attr-defined]
            again.send_text("room")
            assert again.receive_text() == "room"
