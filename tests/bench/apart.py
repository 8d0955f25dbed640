"""Servers that benchmarks call, each in a process of its own, so that their work neither counts nor holds anybody's interpreter."""

import asyncio
import multiprocessing
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection

from aiohttp import web

from tests.support.fake_openai import fake_openai
from tests.support.slow_http import serve

AT_ONCE = "/now"


@dataclass(frozen=True, slots=True)
class Apart:
    """A server in another process: where it answers, and the line to it."""

    url: str
    line: Connection

    def delay(self, seconds: float) -> None:
        """Let every answer take so long from now on."""
        self.line.send(seconds)
        self.line.recv()


@contextmanager
def apart(target: Callable[[Connection], None]) -> Generator[Apart]:
    """Run `target`, which sends its URL, then takes delays in seconds and confirms each, until None."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there,), daemon=True)
    process.start()
    try:
        yield Apart(str(here.recv()), here)
    finally:
        here.send(None)
        process.join(5)


def slow_service(line: Connection) -> None:
    """Answers every path after the delay, and `/now` at once."""
    delay_s = 0.0

    async def answer(request: web.Request) -> web.Response:
        if request.path != AT_ONCE:
            await asyncio.sleep(delay_s)
        return web.json_response({"ok": True})

    with serve({"/{name}": answer}) as server:
        line.send(server.url)
        while (told := line.recv()) is not None:
            delay_s = told
            line.send("ok")


def model_provider(line: Connection, *, text: str = "Hello.") -> None:
    """An OpenAI-compatible provider that says `text`."""
    with fake_openai() as provider:
        provider.text = text
        line.send(provider.url)
        while (told := line.recv()) is not None:
            provider.delay_s = told
            line.send("ok")
