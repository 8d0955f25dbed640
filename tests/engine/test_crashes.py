"""Workers that die at any commit, before or after it reached the journal: the run ends the same, and no effect happens twice unasked."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nodes.base import Effect, NodeContext
from engine.run.driver import Driver
from engine.run.events import EventType, JournalEvent, Outcome
from engine.run.memory import memory_deps
from engine.run.plan import Plan
from engine.spec.workflow import EdgeSpec, NodeSpec
from tests.engine.kit import Quick, Step, make_plan, node


class KilledError(Exception):
    """The worker died."""


class MortalJournal:
    """Dies at the given commit, before or after it is written."""

    def __init__(self, events: list[JournalEvent], *, dies_at: int, after: bool) -> None:
        self.events = events
        self.left = dies_at
        self.after = after

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        await asyncio.sleep(0)
        self.left -= 1
        if self.left < 0 and not self.after:
            raise KilledError
        self.events.extend(events)
        if self.left < 0:
            raise KilledError


async def short_work(ctx: NodeContext) -> str:
    for _ in range(len(ctx.node_id) + ord(ctx.node_id[-1]) % 3):
        await asyncio.sleep(0)
    return f"{ctx.node_id}{ctx.iteration}"


class World:
    """Counts what really happened outside."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        behave = {f"n{index}": self.call for index in range(12)} | {"inner": self.call}
        self.kinds = (Step(behave, Effect.EFFECT, "eff"), Step(behave, Effect.IDEMPOTENT, "idem"), Quick())

    async def call(self, ctx: NodeContext) -> str:
        self.calls[ctx.idempotency_key] += 1
        return await short_work(ctx)


@st.composite
def workflows(draw: st.DrawFn) -> tuple[list[NodeSpec], list[EdgeSpec]]:
    """A random DAG of every sort of node, with a map among them."""
    count = draw(st.integers(1, 8))
    nodes: list[NodeSpec] = []
    links: list[EdgeSpec] = []
    for index in range(count):
        kind = draw(st.sampled_from(["eff", "idem", "step", "quick"]))
        nodes.append(node(f"n{index}", kind))
        before = draw(st.sets(st.integers(0, index - 1), max_size=3)) if index else set()
        links += [EdgeSpec(source=f"n{source}", target=f"n{index}") for source in before]
    if draw(st.booleans()):
        parallel = draw(st.integers(1, 3))
        nodes.append(node("m", "map", config={"items": [1, 2, 3], "parallel": parallel}))
        nodes.append(node("inner", draw(st.sampled_from(["eff", "idem", "step"])), parent="m"))
        links.append(EdgeSpec(source=f"n{count - 1}", target="m"))
    return nodes, links


async def drive(plan: Plan, events: list[JournalEvent], *, dies_at: int, after: bool) -> Outcome | None:
    """One worker's life."""
    journal = MortalJournal(events, dies_at=dies_at, after=after)
    try:
        return await Driver(plan, list(events), memory_deps("r"), journal).run()
    except KilledError:
        return None


def decide_unknown(events: list[JournalEvent], decided: Counter[str]) -> None:
    """A person says: repeat."""
    waiting = next(event for event in reversed(events) if event.type is EventType.RUN_WAITING)
    for reason in waiting.data["reasons"]:
        assert reason["reason"] == "unknown_effect"
        key = f"r:{reason['node']}:{reason['iteration']}"
        decided[key] += 1
        data = {"reason": "unknown_effect", "decision": {"action": "repeat"}}
        events.append(JournalEvent(EventType.NODE_RESUMED, waiting.at, reason["node"], reason["iteration"], data))


@settings(max_examples=120, deadline=None)
@given(workflows(), st.randoms(use_true_random=False))
def test_workers_die_at_any_commit_and_the_run_still_ends_as_it_must(
    workflow: tuple[list[NodeSpec], list[EdgeSpec]], chance: random.Random
) -> None:
    async def story() -> None:
        calm = World()
        expected = await drive(make_plan(*workflow, *calm.kinds), [], dies_at=10_000, after=False)
        world = World()
        plan = make_plan(*workflow, *world.kinds)
        events: list[JournalEvent] = []
        decided: Counter[str] = Counter()
        outcome: Outcome | None = None
        for life in range(60):
            outcome = await drive(plan, events, dies_at=chance.randint(0, 3) if life < 40 else 10_000, after=chance.random() < 0.5)
            if outcome is not None and outcome.status == "waiting":
                decide_unknown(events, decided)
            elif outcome is not None:
                break
        assert outcome == expected
        check_world(plan, events, world, decided)

    asyncio.run(story())


def check_world(plan: Plan, events: list[JournalEvent], world: World, decided: Counter[str]) -> None:
    """Each node finished once; each effect happened once, and once more at most for each time a person said so."""
    finished = Counter((event.node, event.iteration) for event in events if event.type is EventType.NODE_FINISHED)
    assert set(finished.values()) <= {1}
    for key, count in world.calls.items():
        if plan.nodes[key.split(":")[1]].effect is Effect.EFFECT:
            assert 1 <= count <= 1 + decided[key]
