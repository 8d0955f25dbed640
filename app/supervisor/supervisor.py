"""Runs the children side by side, tells when the site is ready, and ends everything in order. `agent-factory up` calls it."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence

from app.supervisor.child import Child, ChildSpec, Listener
from app.supervisor.console import Console
from app.supervisor.problems import CannotStartError
from app.supervisor.valkey import EmbeddedValkey

READY_POLL_S = 0.1
VALKEY_POLL_S = 1.0
VALKEY_RETRY_S = 10.0
CRASHES_BEFORE_READY = 4
ONE_PRESS_S = 1.0  # make and the terminal may both deliver one Ctrl-C


class Supervisor:
    """Owns the children and, when it is embedded, Valkey. `run` returns the exit code of `up`."""

    def __init__(self, specs: Sequence[ChildSpec], *, address: tuple[str, int], valkey: EmbeddedValkey | None, console: Console) -> None:
        self._console = console
        self._valkey = valkey
        self._address = address
        listener = Listener(line=self._child_line, exited=self._child_exited, trouble=console.warn)
        self._children = [Child(spec, listener) for spec in specs]
        self._stop = asyncio.Event()
        self._force = asyncio.Event()
        self._first_signal_at = 0.0

    async def run(self, *, on_ready: Callable[[], None]) -> int:
        """Start everything, call `on_ready` at the first green /readyz, and wait for SIGINT or SIGTERM."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._signalled)
        running = [asyncio.create_task(child.run(), name=child.spec.name) for child in self._children]
        watching = asyncio.create_task(self._keep_valkey()) if self._valkey else None
        try:
            if await self._becomes_ready():
                on_ready()
                await self._stop.wait()
        finally:
            if watching:
                watching.cancel()
            await self._stop_children(running)
        return 0

    async def _becomes_ready(self) -> bool:
        while not self._stop.is_set():
            if await is_ready(*self._address):
                return True
            worst = max(self._children, key=lambda child: child.crashes)
            if worst.crashes >= CRASHES_BEFORE_READY:
                raise CannotStartError(
                    f"The {worst.spec.name} process ended {worst.crashes} times before the site was ready.",
                    remedy=f"Its log tells why: {worst.spec.log_path}",
                )
            await asyncio.sleep(READY_POLL_S)
        return False

    async def _stop_children(self, running: Sequence["asyncio.Task[None]"]) -> None:
        stopping = asyncio.gather(*(child.stop() for child in self._children))
        forced = asyncio.create_task(self._force.wait())
        await asyncio.wait([asyncio.ensure_future(stopping), forced], return_when=asyncio.FIRST_COMPLETED)
        if self._force.is_set():
            await asyncio.gather(*(child.stop(force=True) for child in self._children))
        forced.cancel()
        await asyncio.gather(stopping, *running)

    async def _keep_valkey(self) -> None:
        """Start the embedded server again when somebody kills it; its append-only file brings the data back."""
        valkey = self._valkey
        while valkey is not None:
            await asyncio.sleep(VALKEY_POLL_S)
            if not valkey.is_alive():
                self._console.warn("The embedded Valkey server ended unexpectedly; starting it again.")
                try:
                    await asyncio.to_thread(valkey.start)
                except CannotStartError as error:
                    self._console.warn(f"{error.problem} {error.remedy}")
                    await asyncio.sleep(VALKEY_RETRY_S)

    def _signalled(self) -> None:
        now = time.monotonic()
        if self._stop.is_set():
            if now - self._first_signal_at > ONE_PRESS_S and not self._force.is_set():
                self._console.step("Forcing everything to end now.")
                self._force.set()
            return
        self._first_signal_at = now
        self._console.step("Stopping: running work is finished or handed back. Press Ctrl-C again to force.")
        self._stop.set()

    def _child_line(self, name: str, line: str) -> None:
        """What a child tells while it is asked to stop stands in its log only: it is about stopping."""
        if self._console.verbose or not self._stop.is_set():
            self._console.child_line(name, line)

    def _child_exited(self, name: str, code: int, delay_s: float) -> None:
        reason = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        self._console.warn(f"The {name} process {reason}; starting it again in {delay_s:g} s.")


async def is_ready(host: str, port: int, *, timeout_s: float = 2.0) -> bool:
    """Ask /readyz once; anything but 200 means not yet."""
    try:
        async with asyncio.timeout(timeout_s):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET /readyz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
                await writer.drain()
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False
