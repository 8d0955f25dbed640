"""A real HTTP server in a thread on a random loopback port, for tests of everything that calls out; routes are given by the test."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LocalServer:
    """Runs an aiohttp application in its own thread and event loop; `host` may be any 127.x.y.z."""

    def __init__(self, application: web.Application, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._application = application
        self._host = host
        self._wanted_port = port
        self._ready = threading.Event()
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        """Base URL without a trailing slash."""
        return f"http://{self._host}:{self.port}"

    def start(self) -> None:
        """Return once the port answers."""
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the local test server did not start")

    def stop(self) -> None:
        """Close every connection and join the thread."""
        if self._loop and self._stop:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        runner = web.AppRunner(self._application, handle_signals=False, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, self._host, self._wanted_port, backlog=1024)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()


@contextmanager
def serve(routes: Mapping[str, Handler], *, host: str = "127.0.0.1") -> Generator[LocalServer]:
    """Serve the given path -> handler mapping for any method."""
    application = web.Application(client_max_size=64 * 1024**2)
    for path, handler in routes.items():
        application.router.add_route("*", path, handler)
    server = LocalServer(application, host=host)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def together(count: int) -> Handler:
    """A handler that answers nobody before so many calls are there at once."""
    waiting: list[asyncio.Event] = []

    async def handle(request: web.Request) -> web.Response:
        mine = asyncio.Event()
        waiting.append(mine)
        if len(waiting) >= count:
            for one in waiting:
                one.set()
        await mine.wait()
        return web.Response(text="ok")

    return handle


def after(delay_s: float, body: str = "ok") -> Handler:
    """A handler that answers after a while, as a slow provider does."""

    async def handle(request: web.Request) -> web.Response:
        await asyncio.sleep(delay_s)
        return web.Response(text=body)

    return handle
