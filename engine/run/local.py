"""Runs a plan in this process, its children beside it and without a database; the command line, tests and agents' test suites use it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.json import JsonObject
from engine.nodes.workflow import CHILD
from engine.run.deps import Deps
from engine.run.driver import Driver
from engine.run.events import EventType, JournalEvent, Outcome
from engine.run.frames import Key
from engine.run.plan import Plan

Show = Callable[[str, JournalEvent], None]  # run id, event
Decide = Callable[[Sequence[JournalEvent]], list[JournalEvent]]  # history -> what people answer to what waits


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalHost:
    """What local runs share: plans by name, ports for a run id with its inputs, who is told of events, and who answers."""

    plan_of: Callable[[str], Plan]
    make_deps: Callable[[str, JsonObject], Deps]
    show: Show = lambda _run, _event: None
    decide: Decide = lambda _history: []


@dataclass(slots=True)
class LocalRun:
    """One run; `run` drives it until it ends or waits for somebody who does not answer."""

    host: LocalHost
    plan: Plan
    inputs: JsonObject
    run_id: str = "run"
    history: list[JournalEvent] = field(default_factory=list[JournalEvent])
    _children: dict[Key, "asyncio.Task[Outcome]"] = field(default_factory=dict[Key, "asyncio.Task[Outcome]"])
    _driver: Driver | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> Outcome:
        """Drive it."""
        try:
            while True:
                self._news.clear()
                self._driver = Driver(self.plan, self.history, self.host.make_deps(self.run_id, self.inputs), self)
                outcome = await self._driver.run()
                self._driver = None
                if outcome.status != "waiting":
                    return outcome
                answers = self.host.decide(self.history)
                self._keep(answers)
                if not answers and not self._news.is_set():
                    if not self._children:
                        return outcome
                    await self._news.wait()
        finally:
            self._stop(list(self._children))

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """The Journal: keep the events in memory, and start and stop children as they say."""
        self._keep(events)
        for event in events:
            key = (event.node or "", event.iteration)
            if event.type is EventType.NODE_WAITING and event.data.get("reason") == CHILD:
                self._start(key, event.data)
            elif event.type is EventType.NODE_CANCELLED or event.data.get("reason") == "expired":
                self._stop([key])

    def _keep(self, events: Sequence[JournalEvent]) -> None:
        self.history.extend(events)
        for event in events:
            self.host.show(self.run_id, event)

    def _start(self, key: Key, data: JsonObject) -> None:
        inputs: JsonObject = (data.get("inputs") or {}).get("inputs") or {}
        child = LocalRun(self.host, self.host.plan_of(data["request"]["plan"]), inputs, f"{self.run_id}/{key[0]}{key[1]}")
        task = self._children[key] = asyncio.create_task(child.run())
        task.add_done_callback(lambda done: self._ended(key, child.run_id, done))

    def _stop(self, keys: Sequence[Key]) -> None:
        for key in keys:
            task = self._children.pop(key, None)
            if task is not None:
                task.cancel()

    def _ended(self, key: Key, run_id: str, task: "asyncio.Task[Outcome]") -> None:
        if task.cancelled() or self._children.get(key) is not task:
            return
        error = task.exception()
        outcome = Outcome("failed", error={"message": str(error)}) if error is not None else task.result()
        del self._children[key]
        if outcome.status == "waiting":
            self._news.set()
            return
        decision: dict[str, Any] = {"run": run_id, "status": outcome.status, "output": outcome.output, "error": outcome.error}
        event = JournalEvent(EventType.NODE_RESUMED, datetime.now(UTC), *key, {"reason": CHILD, "decision": decision})
        self._keep([event])
        if self._driver is not None:
            self._driver.deliver(event)
        self._news.set()
