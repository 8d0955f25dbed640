"""A run without a database: journal, clock and ports in memory; the CLI's in-process run, benchmarks and tests use them."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from engine.errors import LeaseLost, NodeFailed, Permanent
from engine.json import JsonObject
from engine.ports import CodeResult, HttpRequest, HttpResponse, ModelReply, ModelRequest, Tool
from engine.run.deps import Deps
from engine.run.events import JournalEvent

Line: TypeAlias = ModelReply | str | NodeFailed | Callable[[ModelRequest], ModelReply]


@dataclass(slots=True)
class MemoryJournal:
    """Keeps every commit; `is_taken` makes it refuse, as when another worker took the run over."""

    events: list[JournalEvent] = field(default_factory=list[JournalEvent])
    commits: list[int] = field(default_factory=list[int])
    is_taken: bool = False

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Append, or raise LeaseLost."""
        if self.is_taken:
            raise LeaseLost("another worker owns the run")
        self.events.extend(events)
        self.commits.append(len(events))


class WallClock:
    """The machine's time."""

    def now(self) -> datetime:
        """UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


class SilentLive:
    """Nobody watches."""

    is_watched = False

    def emit(self, kind: str, node: str, iteration: str, payload: Mapping[str, Any]) -> None:
        """Drop it."""


@dataclass(slots=True)
class ScriptedModel:
    """A language model that answers from a list, in order: a reply, a text, a failure to raise, or a function of the request."""

    script: list[ModelReply | str | NodeFailed | Callable[[ModelRequest], ModelReply]] = field(default_factory=list)
    requests: list[ModelRequest] = field(default_factory=list[ModelRequest])
    delay_s: float = 0.0

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """The next line of the script; Permanent `script_over` when there is none."""
        self.requests.append(request)
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if not self.script:
            raise Permanent("script_over", "The scripted model has no answer left.")
        line = self.script.pop(0)
        if isinstance(line, NodeFailed):
            raise line
        if isinstance(line, str):
            line = ModelReply(line, model=request.model)
        elif not isinstance(line, ModelReply):
            line = line(request)
        if on_text is not None and line.text:
            for word in line.text.split(" "):
                on_text(word)
        return line


class Offline:
    """Refuses everything that would leave the process: HTTP, code, models and tools that nobody provided."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """No network."""
        raise Permanent("offline", f"This run has no network, so {request.url} cannot be called.")

    async def run(self, source: str, inputs: JsonObject, *, timeout_s: float = 5.0) -> CodeResult:
        """No interpreter."""
        raise Permanent("offline", "This run has no code interpreter.")

    def tools(self, names: Sequence[str]) -> list[Tool]:
        """No tools."""
        if names:
            raise Permanent("unknown_tool", f"There is no tool '{names[0]}' here.")
        return []

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """No models."""
        raise Permanent("offline", f"This run has no language model, so '{request.model}' cannot be asked.")


def memory_deps(run_id: str = "run", **given: Any) -> Deps:
    """Deps in which every port that is not given is offline."""
    offline = Offline()
    ports: dict[str, Any] = dict.fromkeys(("models", "http", "code", "tools"), offline)
    ports.update(clock=WallClock(), live=SilentLive())
    ports.update(given)
    return Deps(run_id=run_id, **ports)
