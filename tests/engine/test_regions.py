"""Regions: one way out for errors, a time limit for everything inside, and undo steps in reverse order, also across crashes."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from engine.errors import Permanent, SpecError
from engine.json import JsonObject
from engine.nodes.base import Effect, NodeContext
from engine.run.events import EventType, JournalEvent
from engine.run.plan import Plan
from engine.spec.workflow import EdgeSpec, NodeSpec
from tests.engine.kit import Drive, HandClock, Step, edges, make_plan, node, run_plan

CARD = Permanent("declined", "The card was declined.")


async def declined(ctx: NodeContext) -> None:
    raise CARD


class Trip:
    """A saga: flight, hotel, payment; what is booked is counted outside."""

    def __init__(self, *, on_error: str = "branch", pay: Any = declined) -> None:
        self.calls: list[str] = []
        behave = dict.fromkeys(("flight", "hotel", "drop_flight", "drop_hotel"), self.call)
        self.step = Step({**behave, "pay": pay}, Effect.IDEMPOTENT, "eff")
        nodes = [
            node("trip", "region", on_error=on_error),
            *(node(name, "eff", parent="trip") for name in ("flight", "hotel", "pay", "drop_flight", "drop_hotel")),
            node("tell", "template", config={"text": "{{ trip.message }} {{ trip.details.undone | join: ' ' }}"}),
            node("done"),
        ]
        links = edges("flight>hotel>pay", "flight.undo>drop_flight", "hotel.undo>drop_hotel", "trip.error>tell", "trip>done")
        self.plan = make_plan(nodes, links, self.step)

    async def call(self, ctx: NodeContext) -> str:
        self.calls.append(ctx.idempotency_key)
        await asyncio.sleep(0)
        return ctx.node_id


def order(drive: Drive, *kinds: EventType) -> list[str | None]:
    return [event.node for event in drive.journal.events if event.type in kinds]


async def test_a_failure_undoes_what_was_done_last_first_and_goes_out_at_error_with_its_facts() -> None:
    trip = Trip()
    outcome, drive = await run_plan(trip.plan)
    assert outcome.output == "The card was declined. drop_hotel drop_flight"
    assert order(drive, EventType.NODE_FINISHED) == ["flight", "hotel", "drop_hotel", "drop_flight", "tell"]
    error = drive.data(EventType.NODE_FAILED, "trip")["error"]
    assert (error["code"], error["node"]) == ("declined", "trip")
    assert error["details"] == {"step": "pay", "undone": ["drop_hotel", "drop_flight"]}
    assert order(drive, EventType.NODE_SKIPPED) == ["done"]


async def test_undo_steps_run_one_at_a_time() -> None:
    inside = 0

    async def alone(ctx: NodeContext) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        await asyncio.sleep(0.001)
        inside -= 1

    names = [f"a{index}" for index in range(5)]
    step = Step({**{f"u{name}": alone for name in names}, "bad": declined})
    nodes = [node("r", "region"), node("bad", parent="r"), *(node(name, parent="r") for name in [*names, *(f"u{name}" for name in names)])]
    links = edges(*(f"{name}>bad" for name in names), *(f"{name}.undo>u{name}" for name in names))
    outcome, drive = await run_plan(make_plan(nodes, links, step))
    assert outcome.status == "failed"
    done = [name for name in order(drive, EventType.NODE_FINISHED) if name in names]
    assert [name for name in order(drive, EventType.NODE_FINISHED) if name not in names] == [f"u{name}" for name in reversed(done)]


async def test_a_region_that_succeeds_skips_its_undo_steps() -> None:
    async def paid(ctx: NodeContext) -> str:
        return "paid"

    trip = Trip(pay=paid)
    outcome, drive = await run_plan(trip.plan)
    assert outcome.output == "done"
    assert drive.output("trip") == "paid"
    assert {"drop_flight", "drop_hotel"} <= set(order(drive, EventType.NODE_SKIPPED))


async def test_without_an_error_way_the_run_fails_after_everything_is_undone() -> None:
    trip = Trip(on_error="fail")
    outcome, drive = await run_plan(trip.plan)
    assert outcome.error is not None
    assert outcome.error["code"] == "declined"
    assert order(drive, EventType.NODE_FINISHED)[-1] == "drop_flight"
    assert drive.journal.events[-1].type is EventType.RUN_FAILED


async def test_an_undo_step_that_fails_does_not_keep_the_others_from_running() -> None:
    trip = Trip()
    trip.step.behave["drop_hotel"] = declined
    _, drive = await run_plan(trip.plan)
    error = drive.data(EventType.NODE_FAILED, "trip")["error"]
    assert error["details"]["undone"] == ["drop_flight"]
    assert [one["node"] for one in error["details"]["not_undone"]] == ["drop_hotel"]


async def test_an_undo_step_sees_the_step_it_undoes_what_was_before_it_and_the_error() -> None:
    text = "{{ b }} after {{ a }}: {{ error.code }} in {{ error.node }}"
    nodes = [
        node("r", "region", on_error="branch"),
        *(node(name, parent="r") for name in "abc"),
        node("u", "template", parent="r", config={"text": text}),
    ]
    plan = make_plan(nodes, edges("a>b>c", "b.undo>u"), Step({"c": declined}))
    _, drive = await run_plan(plan)
    assert drive.output("u") == "b after a: declined in c"


async def test_a_saga_cut_after_any_event_ends_the_same_and_does_no_effect_twice() -> None:
    whole = Trip()
    expected, drive = await run_plan(whole.plan)
    for length in range(1, len(drive.journal.events)):
        history = drive.journal.events[:length]
        again = Trip()
        second = Drive(again.plan, history)
        assert await second.run() == expected
        finished = {event.node for event in history if event.type is EventType.NODE_FINISHED}
        assert not finished & {key.split(":")[1] for key in again.calls}
        assert order(second, EventType.NODE_FINISHED) == order(drive, EventType.NODE_FINISHED)


async def test_time_limit_of_a_region_stops_undoes_and_goes_on_at_its_own_way_out() -> None:
    clock = HandClock()
    nodes = [
        node("r", "region", config={"limit_s": 3600}),
        node("book", parent="r"),
        node("drop", parent="r"),
        node("ok", "approval", parent="r"),
        node("late", "template", config={"text": "{{ r.code }} {{ r.details.undone[0] }}"}),
        node("fine"),
    ]
    plan = make_plan(nodes, edges("book>ok", "book.undo>drop", "r.timeout>late", "r>fine"))
    first = Drive(plan, clock=clock)
    outcome = await first.run()
    assert (outcome.status, outcome.wake_at) == ("waiting", clock.at + timedelta(hours=1))
    clock.pass_s(1800)
    still = Drive(plan, first.journal.events, clock=clock)
    assert (await still.run()).status == "waiting"
    clock.pass_s(1800)
    late = Drive(plan, still.journal.events, clock=clock)
    assert (await late.run()).output == "timeout drop"
    assert late.data(EventType.NODE_CANCELLED, "ok") == {"reason": "expired"}


@pytest.mark.parametrize("kind", ["region", "map", "loop"])
async def test_the_time_limit_of_any_container_fails_it(kind: str) -> None:
    async def forever(ctx: NodeContext) -> None:
        await asyncio.Event().wait()

    config: JsonObject = {"map": {"items": [1, 2]}, "loop": {"condition": "false"}}.get(kind, {})
    nodes = [node("box", kind, config=config, timeout_s=0.02, on_error="branch"), node("slow", parent="box"), node("after")]
    outcome, drive = await run_plan(make_plan(nodes, edges("box.error>after"), Step({"slow": forever})))
    assert outcome.output == "after"
    assert drive.data(EventType.NODE_FAILED, "box")["error"]["code"] == "timeout"


def nested(step: Step) -> Plan:
    nodes = [
        node("outer", "region", on_error="branch"),
        node("inner", "region", parent="outer"),
        node("book", parent="inner"),
        node("drop", parent="inner"),
        node("wait", parent="inner"),
        node("bad", parent="outer"),
        node("after", "template", config={"text": "{{ outer.code }}"}),
    ]
    return make_plan(nodes, edges("book>wait", "book.undo>drop", "outer.error>after"), step)


async def test_a_region_that_is_stopped_from_outside_undoes_before_the_outer_one_ends() -> None:
    booked = asyncio.Event()

    async def forever(ctx: NodeContext) -> None:
        booked.set()
        await asyncio.Event().wait()

    async def fail_then(ctx: NodeContext) -> None:
        await booked.wait()
        raise CARD

    outcome, drive = await run_plan(nested(Step({"wait": forever, "bad": fail_then})))
    assert outcome.output == "declined"
    events = [(event.type, event.node) for event in drive.journal.events]
    assert events.index((EventType.NODE_FINISHED, "drop")) < events.index((EventType.NODE_FAILED, "outer"))
    assert {event.node for event in drive.of(EventType.NODE_CANCELLED)} == {"inner", "wait"}


async def test_entries_of_a_list_that_are_stopped_midway_undo_their_own_steps() -> None:
    both = asyncio.Barrier(2)

    async def meet(ctx: NodeContext) -> None:
        await both.wait()
        if ctx.iteration == "0":
            raise CARD
        await asyncio.Event().wait()

    nodes = [
        node("each", "map", config={"items": ["a", "b"], "parallel": 2}),
        node("saga", "region", parent="each"),
        node("book", parent="saga"),
        node("drop", parent="saga"),
        node("pay", parent="saga"),
    ]
    outcome, drive = await run_plan(make_plan(nodes, edges("book>pay", "book.undo>drop"), Step({"pay": meet})))
    assert outcome.status == "failed"
    assert sorted(event.iteration for event in drive.of(EventType.NODE_FINISHED, "drop")) == ["0", "1"]


async def test_a_run_that_a_person_cancels_is_over_at_once_and_undoes_nothing() -> None:
    inside = asyncio.Event()

    async def forever(ctx: NodeContext) -> None:
        inside.set()
        await asyncio.Event().wait()

    trip = Trip(pay=forever)
    drive = Drive(trip.plan)
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.cancel()
    assert (await running).status == "cancelled"
    assert not drive.of(EventType.NODE_FINISHED, "drop_flight")


def refused(nodes: Sequence[NodeSpec], links: Sequence[EdgeSpec]) -> list[str]:
    with pytest.raises(SpecError) as caught:
        make_plan(nodes, links)
    return [finding.code for finding in caught.value.findings]


def test_an_undo_step_belongs_to_one_step_and_stands_alone() -> None:
    nodes = [node("r", "region"), *(node(name, parent="r") for name in "abcu")]
    assert refused(nodes, edges("a.undo>u", "b.undo>u")) == ["bad_undo"]
    assert refused(nodes, edges("a.undo>u", "a.undo>c")) == ["bad_undo"]
    assert refused(nodes, edges("a.undo>u", "b>u")) == ["bad_undo"]
    assert refused(nodes, edges("a.undo>u>c")) == ["bad_undo"]


def test_containers_nested_without_end_are_refused() -> None:
    nodes = [node(f"r{index}", "region", parent=f"r{index - 1}" if index else None) for index in range(22)]
    assert "nested_too_deep" in refused(nodes, ())


async def test_old_journals_of_lists_fold_as_before() -> None:
    plan = make_plan([node("m", "map", config={"items": [1, 2]}), node("x", parent="m")])
    whole = Drive(plan)
    expected = await whole.run()
    started = whole.data(EventType.NODE_STARTED, "m")
    assert set(started) == {"attempt", "inputs", "parallel", "stop_on_error"}
    history: list[JournalEvent] = list(whole.journal.events)
    assert await Drive(plan, history).run() == expected
