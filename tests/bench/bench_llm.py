"""Time to first token and CPU a call: a raw aiohttp stream, litellm alone and our adapter on one server; `make bench` calls `main`."""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp

from app.adapters.catalogue import StoredCatalogue
from app.adapters.llm_litellm import LitellmModel, litellm
from app.core.config import read_settings
from engine.ports import Message, ModelRequest
from tests.bench.apart import apart, model_provider

ROUNDS = 60
CHUNKS = 50
RUNS, CALLS_PER_RUN, CALL_S = 200, 3, 0.5
GOAL_ADDED_MS = 30.0
GOAL_RUNS_S = 4.5
MODEL = "openai/gpt-4.1-mini"
TEXT = "token " * CHUNKS
Timed = tuple[float, float, float]  # seconds to the first token, seconds of the whole, seconds of CPU


class Watch:
    """Notes when the first piece of text came."""

    def __init__(self) -> None:
        self.first = 0.0

    def __call__(self, text: str) -> None:
        if text and not self.first:
            self.first = time.perf_counter()


async def timed(call: Callable[[Watch], Awaitable[None]]) -> Timed:
    """One call on the watch."""
    watch = Watch()
    start, cpu = time.perf_counter(), time.process_time()
    await call(watch)
    return watch.first - start, time.perf_counter() - start, time.process_time() - cpu


def build(url: str) -> LitellmModel:
    """Our adapter, pointed at the local server."""
    settings = read_settings({"OPENAI_API_KEY": "sk-bench", "OPENAI_BASE_URL": f"{url}/v1"})
    return LitellmModel(settings, StoredCatalogue(settings.provider_keys, provider_urls=settings.provider_urls))


class Ways:
    """The same call made in different ways."""

    def __init__(self, url: str, session: aiohttp.ClientSession, model: LitellmModel) -> None:
        self._url, self._session, self._model = f"{url}/v1", session, model
        messages = [{"role": "user", "content": "hi"}]
        self._body = {"model": "gpt-4.1-mini", "messages": messages, "stream": True, "stream_options": {"include_usage": True}}
        self._request = ModelRequest(MODEL, (Message("user", "hi"),))

    async def raw(self, watch: Watch) -> None:
        """What the network alone costs."""
        async with self._session.post(f"{self._url}/chat/completions", json=self._body) as answer:
            async for line in answer.content:
                if line.startswith(b"data: {"):
                    choices = json.loads(line[6:])["choices"]
                    watch(choices[0]["delta"].get("content", "") if choices else "")

    async def alone(self, watch: Watch) -> None:
        """What litellm adds."""
        stream: Any = await litellm.acompletion(**{**self._body, "model": MODEL}, api_key="sk-bench", api_base=self._url)
        async for chunk in stream:
            watch((chunk.choices[0].delta.content or "") if chunk.choices else "")

    async def ours(self, watch: Watch) -> None:
        """What the product pays when somebody watches."""
        await self._model.complete(self._request, on_text=watch)

    async def unwatched(self, watch: Watch) -> None:
        """What it pays when nobody does."""
        watch((await self._model.complete(self._request)).text)


async def measure(url: str) -> dict[str, list[Timed]]:
    """All ways in turn, so that other work on the machine hits them alike."""
    model = build(url)
    async with aiohttp.ClientSession() as session:
        make = Ways(url, session, model)
        ways = {"raw aiohttp": make.raw, "litellm alone": make.alone, "our adapter": make.ours, "our adapter, unwatched": make.unwatched}
        figures: dict[str, list[Timed]] = {name: [] for name in ways}
        for number in range(ROUNDS + 3):
            for name, way in ways.items():
                taken = await timed(way)
                if number >= 3:
                    figures[name].append(taken)
    await model.aclose()
    return figures


async def many(url: str) -> tuple[float, float]:
    """Wall seconds and CPU milliseconds a run of 200 runs that each call the model three times in a row."""
    model = build(url)

    async def run() -> None:
        for _ in range(CALLS_PER_RUN):
            await model.complete(ModelRequest(MODEL, (Message("user", "hi"),)))

    await run()
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(run() for _ in range(RUNS)))
    wall, spent = time.perf_counter() - start, time.process_time() - cpu
    await model.aclose()
    return wall, spent * 1000 / RUNS


def main() -> None:
    """Print the table and whether the goals hold."""
    with apart(partial(model_provider, text=TEXT)) as provider:
        figures = asyncio.run(measure(provider.url))
        provider.delay(CALL_S)
        wall, cpu_ms = asyncio.run(many(provider.url))
    base = statistics.median(first for first, _, _ in figures["raw aiohttp"])
    out = sys.stdout
    out.write(f"\nTime to first token, {CHUNKS}-chunk stream, {ROUNDS} interleaved rounds, milliseconds (median)\n")
    out.write(f"{'way':32}{'first':>8}{'added':>8}{'whole':>8}{'CPU':>8}\n")
    for name, taken in figures.items():
        first, whole, cpu = (statistics.median(column) * 1000 for column in zip(*taken, strict=True))
        out.write(f"{name:32}{first:8.1f}{first - base * 1000:8.1f}{whole:8.1f}{cpu:8.1f}\n")
    added = (statistics.median(first for first, _, _ in figures["our adapter"]) - base) * 1000
    out.write(f"goal: at most {GOAL_ADDED_MS:g} ms added: {'held' if added <= GOAL_ADDED_MS else 'MISSED'}\n")
    out.write(f"{RUNS} runs x {CALLS_PER_RUN} calls of {CALL_S * 1000:g} ms at once: {wall:.2f} s, {cpu_ms:.1f} ms CPU a run ")
    out.write(f"(floor {CALLS_PER_RUN * CALL_S:g} s, goal {GOAL_RUNS_S:g} s: {'held' if wall <= GOAL_RUNS_S else 'MISSED'})\n")


if __name__ == "__main__":
    main()
