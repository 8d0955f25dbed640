"""Plays a blueprint on a clock that moves only when everything waits, so that 'slow' and 'fast' are exact and take no time."""

from itertools import pairwise
from textwrap import indent
from typing import Any

from engine.blueprint.codec import decode
from engine.graph.checker import check, errors_of
from engine.json import JsonValue
from engine.nodes.registry import KINDS
from engine.run.events import EventType, JournalEvent, Outcome
from engine.run.plan import compile_plan
from engine.spec.workflow import RunPlan, WorkflowSpec
from tests.engine.kit import Drive, HandClock

HEAD = "apiVersion: agentfactory/v1\nkind: Bundle\nmetadata: {name: Pattern, version: 1.0.0}\nworkflows:\n  pattern:\n    name: Pattern\n"
MOST_DRIVES = 200


def blueprint(text: str) -> WorkflowSpec:
    """The workflow of a blueprint that is written without its title page; the checker must have nothing against it."""
    spec = decode(HEAD + indent(text.strip("\n"), "    ")).workflows["pattern"]
    problems = errors_of(check(spec, kinds=KINDS))
    assert not problems, problems
    return spec


class Play:
    """One run, taken up by a new driver each time something happens, as a worker would."""

    def __init__(self, text: str, **inputs: JsonValue) -> None:
        self.spec = blueprint(text)
        self.plan = compile_plan(RunPlan(workflow=self.spec), KINDS)
        self.inputs = inputs
        self.clock = HandClock()
        self.events: list[JournalEvent] = []
        self.outcome = Outcome("waiting")

    async def go(self) -> "Play":
        """Drive as far as it gets without the clock moving."""
        drive = Drive(self.plan, self.events, clock=self.clock, inputs=self.inputs)
        self.outcome = await drive.run()
        self.events = drive.journal.events
        return self

    async def finish(self) -> "Play":
        """Drive to the end; whenever all is waiting the clock moves to the next moment."""
        for _ in range(MOST_DRIVES):
            await self.go()
            if self.outcome.status != "waiting":
                return self
            assert self.outcome.wake_at is not None, f"waits for a person: {self.done}"
            self.clock.at = max(self.clock.at, self.outcome.wake_at)
        raise AssertionError("the run does not come to its end")

    def press(self, step: str, button: str = "approve", iteration: str = "") -> None:
        """A person decides; the run hears of it when it is driven again."""
        data: dict[str, Any] = {"reason": "approval", "decision": {"button": button}}
        self.events = [*self.events, JournalEvent(EventType.NODE_RESUMED, self.clock.now(), step, iteration, data)]

    # -- what happened

    def of(self, kind: EventType, step: str | None = None) -> list[JournalEvent]:
        """The events of one kind."""
        return [event for event in self.events if event.type is kind and step in (None, event.node)]

    @property
    def done(self) -> list[str]:
        """The steps that finished, in order; those of an iteration as `step@iteration`."""
        finished = self.of(EventType.NODE_FINISHED)
        return [f"{event.node}@{event.iteration}" if event.iteration else str(event.node) for event in finished]

    @property
    def skipped(self) -> set[str]:
        """The steps that were not taken."""
        return {str(event.node) for event in self.of(EventType.NODE_SKIPPED)}

    @property
    def cancelled(self) -> set[str]:
        """The steps that were stopped while they worked or waited."""
        return {str(event.node) for event in self.of(EventType.NODE_CANCELLED)}

    def in_order(self, *steps: str) -> bool:
        """Whether these finished, once each, in this order."""
        found = [step for step in self.done if step in steps]
        return found == list(steps)

    def began(self, step: str) -> int:
        """Where in the journal the step first shows that it works or waits."""
        kinds = (EventType.NODE_STARTED, EventType.NODE_WAITING, EventType.NODE_FINISHED)
        return next(at for at, event in enumerate(self.events) if event.node == step and event.type in kinds)

    def ended(self, step: str, iteration: str | None = None) -> int:
        """Where in the journal it finished."""
        return next(
            at
            for at, event in enumerate(self.events)
            if event.node == step and event.type is EventType.NODE_FINISHED and iteration in (None, event.iteration)
        )

    def spans(self, *steps: str) -> list[tuple[int, int]]:
        """From where to where in the journal each time of each step goes."""
        spans: list[tuple[int, int]] = []
        open_at: dict[tuple[str, str], int] = {}
        for at, event in enumerate(self.events):
            if event.node not in steps:
                continue
            key = (event.node, event.iteration)
            if event.type in (EventType.NODE_STARTED, EventType.NODE_WAITING):
                open_at.setdefault(key, at)
            elif event.type is EventType.NODE_FINISHED:
                spans.append((open_at.pop(key, at), at))
        return sorted(spans)


def are_apart(spans: list[tuple[int, int]]) -> bool:
    """Whether no two of them overlap."""
    return all(first[1] < second[0] for first, second in pairwise(spans))
