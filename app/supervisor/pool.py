"""Several worker processes under one command: each is started again when it dies, and all end together."""

import asyncio
import signal
import sys

from app.core.config import Settings
from app.supervisor.child import Child, ChildSpec, Listener
from app.supervisor.console import Console
from app.supervisor.machine import worker_child


def run_pool(settings: Settings, *, processes: int, concurrency: int | None) -> None:
    """Serve until SIGTERM or SIGINT; each process hands its runs on before it ends."""
    asyncio.run(_serve(pool_children(settings, processes=processes, concurrency=concurrency)))


def pool_children(settings: Settings, *, processes: int, concurrency: int | None) -> list[ChildSpec]:
    """What to start. Each process has a metrics port of its own, counted up from the configured one."""
    options = [] if concurrency is None else ["--concurrency", str(concurrency)]
    return [worker_child(settings, f"worker-{index + 1}", *options, index=index) for index in range(processes)]


async def _serve(specs: list[ChildSpec]) -> None:
    console = Console(sys.stdout)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)

    def exited(name: str, code: int, delay_s: float) -> None:
        console.warn(f"{name} ended with {code}; starting it again in {delay_s:g} s.")

    children = [Child(spec, Listener(line=console.child_line, exited=exited, trouble=console.warn)) for spec in specs]
    running = [asyncio.create_task(one.run(), name=one.spec.name) for one in children]
    await stop.wait()
    console.step("Stopping: running work is finished or handed back.")
    await asyncio.gather(*(one.stop() for one in children))
    await asyncio.gather(*running)
