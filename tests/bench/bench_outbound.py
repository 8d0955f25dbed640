"""What the guarded HTTP client and the code sandbox cost: 200 open calls beside bare aiohttp, and microseconds per small program."""

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import aiohttp

from app.adapters.code_monty import MontyCodeRunner
from app.adapters.http_guarded import GuardedHttpClient
from engine.ports import HttpRequest
from tests.support.slow_http import after, serve

CALLS, CALL_S = 200, 0.5
PROGRAMS = 300
GOAL_RATIO = 1.3


def provide(ready: Connection) -> None:
    """The slow server, in a process of its own."""
    with serve({"/slow": after(CALL_S)}) as server:
        ready.send(f"{server.url}/slow")
        ready.recv()


async def at_once(call: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Wall seconds and CPU milliseconds a call of 200 calls at once."""
    await call()
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(call() for _ in range(CALLS)))
    return time.perf_counter() - start, (time.process_time() - cpu) * 1000 / CALLS


async def calls(url: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Bare aiohttp, then the guarded client."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def bare() -> None:
            async with session.get(url) as answer:
                await answer.read()

        plain = await at_once(bare)
    client = GuardedHttpClient(allow_private_network=True)
    guarded = await at_once(lambda: client.send(HttpRequest("GET", url)))
    await client.aclose()
    return plain, guarded


async def programs() -> list[float]:
    """Milliseconds of small programs, one after the other."""
    runner = MontyCodeRunner()
    taken: list[float] = []
    for number in range(PROGRAMS + 20):
        start = time.perf_counter()
        await runner.run("total = sum([item['price'] for item in items])\n{'total': total}", {"items": [{"price": number}] * 20})
        if number >= 20:
            taken.append((time.perf_counter() - start) * 1000)
    await runner.aclose()
    return taken


def main() -> None:
    """Print the figures."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=provide, args=(there,), daemon=True)
    server.start()
    (plain_s, plain_ms), (guarded_s, guarded_ms) = asyncio.run(calls(str(here.recv())))
    here.send("done")
    server.join(5)
    out = sys.stdout
    out.write(f"\n{CALLS} calls of {CALL_S * 1000:g} ms at once: bare aiohttp {plain_s:.2f} s, {plain_ms:.2f} ms CPU a call; ")
    held = "held" if guarded_s <= plain_s * GOAL_RATIO else "MISSED"
    out.write(f"guarded {guarded_s:.2f} s, {guarded_ms:.2f} ms CPU a call (goal at most {GOAL_RATIO:g} times bare: {held})\n")
    taken = asyncio.run(programs())
    out.write(f"sandboxed code: {statistics.median(taken):.2f} ms a small program (p95 {statistics.quantiles(taken, n=20)[18]:.2f} ms)\n")


if __name__ == "__main__":
    main()
