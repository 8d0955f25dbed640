"""A small TCP proxy whose connections a test can cut, refuse and slow down, as a network or a restarted server does."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Listens on loopback and passes on; `cut` closes every connection and refuses new ones until `mend`."""

    def __init__(self, connect: Open, *, delay_s: float = 0.0) -> None:
        self.port = 0
        self.connections = 0
        self._connect = connect
        self._delay_s = delay_s
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """Close everything."""
        self.cut()
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """Close what is open and refuse what comes."""
        self._is_cut = True
        asyncio.run_coroutine_threadsafe(self._drop(), self._loop).result(10)

    def mend(self) -> None:
        """Let connections through again."""
        self._is_cut = False

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])

    async def _drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _close(self) -> None:
        self._server.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        self.connections += 1
        there, back = await self._connect()
        self._writers |= {writer, back}
        try:
            await asyncio.gather(_pump(reader, back, self._delay_s), _pump(there, writer, 0.0))
        finally:
            self._writers -= {writer, back}


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, delay_s: float) -> None:
    with contextlib.suppress(OSError):
        while piece := await source.read(65_536):
            await asyncio.sleep(delay_s)
            target.write(piece)
            await target.drain()
    target.close()


@contextmanager
def proxy_to(connect: Open, *, delay_s: float = 0.0) -> Generator[Proxy]:
    """A proxy for one block; `connect` opens the real connection, and whatever is sent through it arrives `delay_s` later."""
    proxy = Proxy(connect, delay_s=delay_s)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
