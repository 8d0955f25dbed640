"""A client of the event socket that is no browser: it sends any event with any payload, as an attacker would."""

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import socketio
from socketio.exceptions import ConnectionError as SocketRefused

NAMESPACE = "/_event"
QUIET_S = 1.0
PATIENCE_S = 60.0


def send_events(
    url: str, events: Sequence[Mapping[str, Any]], *, cookie: str = "", token: str = "", origin: str = "", until: str = ""
) -> list[dict[str, Any]]:
    """Connect, send each event, and return what the server said until it fell silent, having said `until`.

    Raises ConnectionRefusedError when refused. Runs in a thread, because Playwright keeps an event loop in the thread of the test.
    """
    headers = {"Origin": origin or url} | ({"Cookie": cookie} if cookie else {})
    address = f"{url}?token={token or uuid.uuid4()}"
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(_talk(address, events, headers, until))).result()


class EscapingJson:
    """The JSON of the client: escapes everything outside ASCII, so that half of a character can be sent, too."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **_options: Any) -> str:
        """What python-socketio calls, which would not escape."""
        return json.dumps(value, separators=(",", ":"))


async def _talk(address: str, events: Sequence[Mapping[str, Any]], headers: dict[str, str], until: str) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []
    heard = asyncio.Event()

    async def listen(update: Any) -> None:
        said.append(json.loads(update) if isinstance(update, str) else update)
        heard.set()

    async with aiohttp.ClientSession() as http:
        client = socketio.AsyncClient(reconnection=False, http_session=http, json=EscapingJson)
        client.on("event", listen, namespace=NAMESPACE)
        try:
            await client.connect(address, headers=headers, transports=["websocket"], namespaces=[NAMESPACE], socketio_path="/_event")
        except SocketRefused as refused:
            raise ConnectionRefusedError(str(refused)) from refused
        try:
            for event in events:
                await client.emit("event", {"payload": {}, "router_data": {"pathname": "/", "asPath": "/"}} | dict(event), NAMESPACE)
            await _silence(heard, lambda: until in json.dumps(said))
        finally:
            await client.disconnect()
    return said


async def _silence(heard: asyncio.Event, is_enough: Callable[[], bool]) -> None:
    """Wait until nothing was said for a while, and longer if what must be said was not."""
    last = time.monotonic() + PATIENCE_S
    while True:
        heard.clear()
        try:
            async with asyncio.timeout(QUIET_S):
                await heard.wait()
        except TimeoutError:
            if is_enough() or time.monotonic() > last:
                return
