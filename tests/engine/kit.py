"""Builders for engine tests: small graphs in one line, kinds that are told how to behave, and a driver that runs them in memory."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from engine.json import JsonObject, JsonValue
from engine.nodes.base import Effect, NodeConfig, NodeContext, NodeKind, NodeResult, Port, Wait
from engine.nodes.registry import KINDS
from engine.run.driver import Driver
from engine.run.events import EventType, JournalEvent, Outcome
from engine.run.memory import MemoryJournal, memory_deps
from engine.run.plan import AnyKind, Plan, compile_plan
from engine.spec.agent import AgentSpec
from engine.spec.setup import RunSetup
from engine.spec.workflow import CalledWorkflow, EdgeSpec, ErrorPolicy, NodeSpec, Retry, RunLimits, RunPlan, WorkflowSpec

NOON = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def node(id: str, kind: str = "step", *, on_error: str = "fail", default: JsonValue = None, attempts: int = 1, **rest: Any) -> NodeSpec:
    """A node; `on_error`, `default` and `attempts` are short for the policies."""
    policy = ErrorPolicy.model_validate({"action": on_error, "default": default})
    return NodeSpec(id=id, kind=kind, on_error=policy, retry=Retry(attempts=attempts, delay_s=0.0), **rest)


def edges(*texts: str) -> tuple[EdgeSpec, ...]:
    """`a>b` or `a.port>b`, also chained: `a>b>c`."""
    found: list[EdgeSpec] = []
    for text in texts:
        parts = text.split(">")
        for left, right in pairwise(parts):
            source, _, port = left.partition(".")
            found.append(EdgeSpec(source=source, port=port or "out", target=right.partition(".")[0]))
    return tuple(found)


Behave = Callable[[NodeContext], Awaitable[NodeResult | Wait | JsonValue]]


class Blank(NodeConfig):
    """No settings."""


class Step(NodeKind[Blank]):
    """Runs as a task and does what `behave` says for its node; by default it gives its own id."""

    kind, title, summary, category, icon = "step", "Step", "For tests.", "data", "circle"
    config_type = Blank

    def __init__(self, behave: Mapping[str, Behave] | None = None, effect: Effect = Effect.PURE, kind: str = "step") -> None:
        self.behave = dict(behave or {})
        self.effect = effect  # type: ignore[misc]
        self.kind = kind  # type: ignore[misc]
        self.ran: list[tuple[str, str]] = []

    async def run(self, ctx: NodeContext, config: Blank) -> NodeResult | Wait:
        """What it was told."""
        self.ran.append((ctx.node_id, ctx.iteration))
        action = self.behave.get(ctx.node_id)
        produced = ctx.node_id if action is None else await action(ctx)
        return produced if isinstance(produced, NodeResult | Wait) else NodeResult(produced)


class Quick(Step):
    """The same, in place."""

    immediate = True

    def __init__(self, behave: Mapping[str, Behave] | None = None) -> None:
        super().__init__(behave, kind="quick")


class Fork(NodeKind[Blank]):
    """Goes out at the port that `choose` gives."""

    kind, title, summary, category, icon = "fork", "Fork", "For tests.", "logic", "circle"
    config_type = Blank
    immediate = True

    def __init__(self, choices: dict[str, str]) -> None:
        self.choices = choices

    def ports(self, config: Blank) -> tuple[Port, ...]:
        """Two."""
        return (Port("yes"), Port("no"))

    async def run(self, ctx: NodeContext, config: Blank) -> NodeResult:
        """The chosen one."""
        return NodeResult(None, self.choices.get(ctx.node_id, "yes"))


def make_plan(
    nodes: Sequence[NodeSpec],
    links: Sequence[EdgeSpec] = (),
    *kinds: AnyKind,
    agents: dict[str, AgentSpec] | None = None,
    setup: RunSetup | None = None,
    workflows: dict[str, CalledWorkflow] | None = None,
    **limits: Any,
) -> Plan:
    """A compiled plan over the real registry and the given kinds."""
    known = {**KINDS, **{kind.kind: kind for kind in (Step(), Quick(), Fork({}))}, **{kind.kind: kind for kind in kinds}}
    workflow = WorkflowSpec(nodes=tuple(nodes), edges=tuple(links), limits=RunLimits(**limits))
    return compile_plan(RunPlan(workflow=workflow, agents=agents or {}, workflows=workflows or {}, setup=setup or RunSetup()), known)


class Drive:
    """A driver with its journal, in memory."""

    def __init__(self, plan: Plan, history: Sequence[JournalEvent] = (), **deps: Any) -> None:
        self.journal = MemoryJournal(list(history))
        self.driver = Driver(plan, history, memory_deps(**deps), self.journal)

    async def run(self, within_s: float = 10.0) -> Outcome:
        """Drive to the end, at most so long."""
        async with asyncio.timeout(within_s):
            return await self.driver.run()

    def of(self, kind: EventType, node: str | None = None) -> list[JournalEvent]:
        """The events of one kind."""
        return [event for event in self.journal.events if event.type is kind and node in (None, event.node)]

    def data(self, kind: EventType, node: str | None = None, iteration: str = "") -> JsonObject:
        """The data of the only such event."""
        found = [event for event in self.of(kind, node) if event.iteration == iteration]
        assert len(found) == 1, f"{len(found)} events {kind} of {node}"
        return found[0].data

    def output(self, node: str, iteration: str = "") -> JsonValue:
        """What a node gave."""
        return self.data(EventType.NODE_FINISHED, node, iteration)["output"]


async def run_plan(plan: Plan, **deps: Any) -> tuple[Outcome, Drive]:
    """Run from the start."""
    drive = Drive(plan, **deps)
    return await drive.run(), drive


class HandClock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        """Where it stands."""
        return self.at

    def monotonic(self) -> float:
        """The same in seconds."""
        return self.at.timestamp()

    def pass_s(self, seconds: float) -> None:
        """Move on."""
        self.at += timedelta(seconds=seconds)
