"""The same blueprints through the database, the queue and a worker process: what holds in memory holds there."""

import re
import uuid
from collections.abc import Callable

import pytest

from app.core.uow import Actor
from app.services.runs import decide_approval, list_approvals, read_events, start_run
from app.wiring import Wiring
from engine.json import JsonValue
from engine.run.events import EventType, JournalEvent
from tests.patterns import test_basic, test_branching, test_cancellation, test_repetition, test_states
from tests.patterns.kit import Play, are_apart, blueprint
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow

Check = Callable[[Play], bool]
LONG_S = 86_400
CASES: dict[str, tuple[str, dict[str, JsonValue], Check]] = {
    "sequence": (test_basic.SEQUENCE, {}, lambda play: play.done == ["start", "a", "b", "end"]),
    "synchronization": (test_basic.PARALLEL, {}, lambda play: play.in_order("b", "a", "both")),
    "exclusive choice": (test_basic.CHOICE, {"n": 6}, lambda play: "middle" in play.done and play.skipped == {"big", "small"}),
    "multi-choice": (
        test_branching.MULTI,
        {"mail": True, "call": True, "visit": False},
        lambda play: play.in_order("mail", "call", "report") and "visit" in play.skipped,
    ),
    "multi-merge": (test_branching.MULTI_MERGE, {}, lambda play: sum(step.startswith("send") for step in play.done) == 3),
    "discriminator": (test_branching.racing("any", "finish"), {}, lambda play: play.in_order("fast", "joined", "after_slow")),
    "cancelling discriminator": (
        test_branching.racing("any", "cancel"),
        {},
        lambda play: play.done == ["start", "fast", "joined"] and "slow" in play.cancelled | play.skipped,
    ),
    "cancelling partial join": (
        test_branching.racing("2", "cancel"),
        {},
        lambda play: play.done == ["start", "fast", "middle", "joined"],
    ),
    "acyclic merge": (test_branching.ACYCLIC, {"deep": True, "wide": True}, lambda play: play.in_order("a", "b", "last")),
    "thread split and merge": (test_branching.SPLIT, {}, lambda play: play.done[-1] == "merged"),
    "loop": (test_repetition.loop("until"), {"goal": 3}, lambda play: play.in_order("work@0", "work@1", "work@2", "again")),
    "explicit termination": (test_repetition.EXPLICIT, {}, lambda play: play.cancelled == {"long"}),
    "growing list": (test_repetition.GROWING, {}, lambda play: play.in_order("read@0", "read@1", "read@2", "read@3", "then")),
    "interleaved": (test_states.INTERLEAVED, {}, lambda play: are_apart(play.spans("blood", "x_ray", "report"))),
    "critical section": (test_states.CRITICAL, {}, lambda play: play.in_order("count", "book", "check", "give")),
    "milestone in time": (test_states.MILESTONE % 1800, {}, lambda play: "change" in play.done),
    "milestone too late": (test_states.MILESTONE % 5400, {}, lambda play: "refuse" in play.done),
    "cancel activity": (test_cancellation.ACTIVITY % "remind", {}, lambda play: play.cancelled == {"remind"}),
    "cancel case": (test_cancellation.CASE, {}, lambda play: play.cancelled == {"long", "work", "each", "list"}),
    "saga": (test_cancellation.SAGA, {}, lambda play: play.in_order("flight", "hotel", "drop_hotel", "drop_flight", "tell")),
}


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def quick(text: str) -> str:
    """Hours become parts of a second in the same order; what is only there to be stopped stays long."""

    def shorter(found: re.Match[str]) -> str:
        seconds = int(found[1])
        return f"duration_s: {60 if seconds >= LONG_S else 1.5 * seconds / (seconds + 7200):.3f}"

    return re.sub(r"duration_s: (\d+)", shorter, text)


def begin(wiring: Wiring, actor: Actor, text: str, inputs: dict[str, JsonValue]) -> uuid.UUID:
    with wiring.unit(actor) as uow:
        workflow = make_workflow(uow, blueprint(quick(text)))
        return start_run(uow, workflow_id=workflow.id, inputs=inputs).id


def told(wiring: Wiring, actor: Actor, run_id: uuid.UUID, text: str) -> Play:
    """What the journal says, as a play."""
    play = Play(text)
    with wiring.unit(actor, write=False) as uow:
        rows = read_events(uow, run_id=run_id)
    play.events = [JournalEvent(EventType(row.type), row.at, row.node, row.iteration, row.payload) for row in rows]
    return play


def test_patterns_hold_through_the_database_and_a_worker(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings):
        runs = {name: begin(wiring, actor, text, inputs) for name, (text, inputs, _) in CASES.items()}
        for name, run_id in runs.items():
            text, _, holds = CASES[name]
            wait_for(wiring, actor, run_id)
            play = told(wiring, actor, run_id, text)
            assert holds(play), (name, play.done, play.cancelled, play.skipped)
    check_invariants(wiring, list(runs.values()))


def test_a_deferred_choice_is_made_by_who_decides_first(wiring: Wiring, actor: Actor) -> None:
    with worker(wiring.settings):
        run_id = begin(wiring, actor, test_states.DEFERRED, {})
        wait_for(wiring, actor, run_id, "waiting")
        with wiring.unit(actor) as uow:
            card = next(card for card in list_approvals(uow) if card.node == "call_back")
            decide_approval(uow, approval_id=card.id, button="approve")
        assert wait_for(wiring, actor, run_id).status == "succeeded"
    play = told(wiring, actor, run_id, test_states.DEFERRED)
    assert play.done[-1] == "called"
    assert play.cancelled == {"customer", "too_late"}
    check_invariants(wiring, [run_id])
