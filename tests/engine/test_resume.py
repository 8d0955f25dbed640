"""A run taken up again: after a crash at any event, after approvals, delays and unknown effects."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Transient
from engine.json import JsonObject
from engine.nodes.approval import pressing_needs_fields
from engine.nodes.base import Effect, NodeContext
from engine.run.events import EventType, JournalEvent
from engine.run.memory import ScriptedModel
from engine.run.plan import Plan
from engine.spec.agent import AgentSpec
from engine.spec.setup import RunSetup
from tests.engine.kit import NOON, Drive, Fork, HandClock, Step, edges, make_plan, node

APPROVAL = {"title": "Refund {{ inputs.amount }}?", "fields": [{"name": "reason", "type": "text", "required": False}]}


def resumed(name: str, decision: JsonObject, iteration: str = "", *, reason: str = "approval") -> JournalEvent:
    return JournalEvent(EventType.NODE_RESUMED, NOON, name, iteration, {"reason": reason, "decision": decision})


def mixed_plan(step: Step, idempotent: Step) -> Plan:
    nodes = [
        node("start", "start"),
        node("f", "fork"),
        node("a"),
        node("b", "idem"),
        node("m", "map", config={"items": "{{ inputs.rows }}", "parallel": 2, "result": "{{ x }}-{{ item }}"}),
        node("x", "idem", parent="m"),
        node("y", "template", parent="m", config={"text": "{{ x }}{{ index }}"}),
        node("s", "set_variables", config={"values": {"n": "{{ m.count }}"}}),
        node("j", "merge"),
        node("e", "end", config={"output": {"n": "{{ vars.n }}", "m": "{{ m.results }}", "j": "{{ j }}"}}),
    ]
    links = edges("start>f", "f.yes>a>j", "f.no>b>j", "start>m>s>j>e", "x>y")
    return make_plan(nodes, links, step, idempotent, Fork({"f": "no"}))


async def test_a_run_cut_after_any_event_ends_the_same_and_runs_nothing_finished_again() -> None:
    idempotent = Step({}, Effect.IDEMPOTENT, "idem")
    plan = mixed_plan(Step(), idempotent)
    whole = Drive(plan, inputs={"rows": ["p", "q", "r"]})
    expected = await whole.run()
    assert expected.output == {"n": 3, "m": ["x-p", "x-q", "x-r"], "j": {"b": "b", "s": {"n": 3}}}
    for length in range(1, len(whole.journal.events)):
        history = whole.journal.events[:length]
        idempotent.ran.clear()
        again = Drive(plan, history)
        assert await again.run() == expected
        finished = {(event.node, event.iteration) for event in history if event.type is EventType.NODE_FINISHED}
        assert not finished & set(idempotent.ran)
        ends = [(event.node, event.iteration) for event in again.of(EventType.NODE_FINISHED)]
        assert len(ends) == len(set(ends))


async def test_an_approval_parks_the_run_and_its_button_decides_the_way() -> None:
    nodes = [node("start", "start"), node("ok", "approval", config=APPROVAL), node("yes"), node("no")]
    plan = make_plan(nodes, edges("start>ok", "ok.approve>yes", "ok.reject>no"))
    first = Drive(plan, inputs={"amount": 5})
    outcome = await first.run()
    assert (outcome.status, outcome.wake_at) == ("waiting", None)
    assert first.data(EventType.NODE_WAITING, "ok")["request"]["title"] == "Refund 5?"
    decision = {"button": "reject", "note": "no", "by": "u1", "values": {"reason": "late"}}
    second = Drive(plan, [*first.journal.events, resumed("ok", decision)])
    assert (await second.run()).output == "no"
    assert second.output("ok") == {"button": "reject", "note": "no", "by": "u1", "values": {"reason": "late"}}


async def test_an_approval_without_a_message_shows_what_came_in() -> None:
    first = Drive(
        make_plan([node("start", "start"), node("ok", "approval")], edges("start>ok")), inputs={"amount": 5, "who": "Ada", "note": ""}
    )
    await first.run()
    assert first.data(EventType.NODE_WAITING, "ok")["request"]["message"] == "- **amount**: 5\n- **who**: Ada"


@pytest.mark.parametrize(
    ("button", "fits"),
    [
        ({"style": "primary"}, False),
        ({}, False),
        ({"style": "danger"}, True),
        ({"style": "danger", "required_fields": "needed"}, False),
        ({"style": "primary", "required_fields": "optional"}, True),
    ],
)
async def test_a_button_asks_for_required_fields_unless_it_rejects_or_says_otherwise(button: JsonObject, fits: bool) -> None:
    config = {"fields": [{"name": "amount", "type": "number"}], "buttons": [{"id": "go", "label": "Go", **button}]}
    plan = make_plan([node("ok", "approval", config=config)], ())
    first = Drive(plan)
    await first.run()
    request = first.data(EventType.NODE_WAITING, "ok")["request"]
    assert pressing_needs_fields(request, "go") is not fits
    outcome = await Drive(plan, [*first.journal.events, resumed("ok", {"button": "go"})]).run()
    assert outcome.status == ("succeeded" if fits else "failed")


async def test_an_approval_decided_while_the_run_works_goes_on_at_once() -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def gated(ctx: NodeContext) -> None:
        inside.set()
        await go_on.wait()

    plan = make_plan([node("ok", "approval"), node("after"), node("slow")], edges("ok.approve>after"), Step({"slow": gated}))
    drive = Drive(plan)
    running = asyncio.create_task(drive.run())
    await inside.wait()
    drive.driver.deliver(resumed("ok", {"button": "approve"}))
    go_on.set()
    assert (await running).status == "succeeded"
    assert drive.output("after") == "after"


async def test_only_the_first_decision_counts() -> None:
    plan = make_plan([node("ok", "approval"), node("yes"), node("no")], edges("ok.approve>yes", "ok.reject>no"))
    first = Drive(plan)
    await first.run()
    events = [*first.journal.events, resumed("ok", {"button": "approve"}), resumed("ok", {"button": "reject"})]
    assert (await Drive(plan, events).run()).output == "yes"


async def test_an_approval_expires_when_nobody_decides() -> None:
    clock = HandClock()
    nodes = [node("ok", "approval", config={"expires_s": 3600}), node("late")]
    plan = make_plan(nodes, edges("ok.expired>late"))
    first = Drive(plan, clock=clock)
    outcome = await first.run()
    assert outcome.wake_at is not None
    assert (outcome.wake_at - NOON).total_seconds() == 3600
    clock.pass_s(1800)
    early = Drive(plan, first.journal.events, clock=clock)
    assert (await early.run()).status == "waiting"
    clock.pass_s(1800)
    late = Drive(plan, early.journal.events, clock=clock)
    assert (await late.run()).output == "late"
    assert late.output("ok") == {"button": "expired", "note": "", "by": None, "values": {}}


async def test_a_long_delay_parks_and_a_short_one_does_not() -> None:
    clock = HandClock()
    plan = make_plan([node("d", "delay", config={"duration_s": 600}), node("a")], edges("d>a"))
    first = Drive(plan, clock=clock)
    assert (await first.run()).status == "waiting"
    clock.pass_s(600)
    assert (await Drive(plan, first.journal.events, clock=clock).run()).output == "a"
    short = make_plan([node("d", "delay", config={"duration_s": 0.01}), node("a")], edges("d>a"))
    assert (await Drive(short).run()).output == "a"


def crashed_effect() -> tuple[Plan, list[JournalEvent], Step]:
    step = Step({}, Effect.EFFECT, "eff")
    plan = make_plan([node("e", "eff", on_error="branch"), node("a"), node("b")], edges("e>a", "e.error>b"), step)
    history = [
        JournalEvent(EventType.RUN_STARTED, NOON, data={"inputs": {}}),
        JournalEvent(EventType.NODE_STARTED, NOON, "e", "", {"attempt": 1, "inputs": {}}),
    ]
    return plan, history, step


async def test_an_effect_that_may_have_happened_is_not_repeated_but_asked_about() -> None:
    plan, history, step = crashed_effect()
    drive = Drive(plan, history)
    outcome = await drive.run()
    assert (outcome.status, outcome.wake_at, step.ran) == ("waiting", None, [])
    assert drive.data(EventType.NODE_WAITING, "e")["reason"] == "unknown_effect"
    assert drive.data(EventType.RUN_RESUMED)["interrupted"] == [{"node": "e", "iteration": ""}]


@pytest.mark.parametrize(
    ("decision", "output", "runs"),
    [
        ({"action": "repeat"}, "a", 1),
        ({"action": "done", "value": {"id": 7}}, "a", 0),
        ({"action": "fail"}, "b", 0),
    ],
)
async def test_a_person_decides_about_an_unknown_effect(decision: JsonObject, output: str, runs: int) -> None:
    plan, history, step = crashed_effect()
    first = Drive(plan, history)
    await first.run()
    second = Drive(plan, [*first.journal.events, resumed("e", decision, reason="unknown_effect")])
    assert (await second.run()).output == output
    assert len(step.ran) == runs


async def test_where_nobody_can_look_an_effect_that_may_have_happened_fails() -> None:
    plan, history, step = crashed_effect()
    drive = Drive(replace(plan, setup=RunSetup(unknown="fail")), history)
    assert ((await drive.run()).output, step.ran) == ("b", [])
    assert drive.data(EventType.NODE_FAILED, "e")["error"]["code"] == "unknown_effect"


async def test_a_repeated_effect_that_crashes_again_is_asked_about_again() -> None:
    plan, history, _ = crashed_effect()
    first = Drive(plan, history)
    await first.run()
    started = JournalEvent(EventType.NODE_STARTED, NOON, "e", "", {"attempt": 1, "inputs": {}})
    second = Drive(plan, [*first.journal.events, resumed("e", {"action": "repeat"}), started])
    assert (await second.run()).status == "waiting"


async def test_an_idempotent_node_is_repeated_with_the_same_key() -> None:
    keys: list[str] = []

    async def note_key(ctx: NodeContext) -> None:
        keys.append(ctx.idempotency_key)
        if len(keys) == 1:
            raise Transient("busy", "Busy.")

    plan = make_plan([node("e", "idem", attempts=2)], (), Step({"e": note_key}, Effect.IDEMPOTENT, "idem"))
    history = [
        JournalEvent(EventType.RUN_STARTED, NOON, data={"inputs": {}}),
        JournalEvent(EventType.NODE_STARTED, NOON, "e", "", {"attempt": 1, "inputs": {}}),
    ]
    drive = Drive(plan, history, run_id="r1")
    assert (await drive.run()).status == "succeeded"
    assert keys == ["r1:e:", "r1:e:"]
    assert [event.data["attempt"] for event in drive.of(EventType.NODE_STARTED)] == [1, 2]


async def test_a_retry_that_was_parked_goes_on_with_the_next_attempt() -> None:
    clock = HandClock()
    attempts: list[int] = []

    async def busy_once(ctx: NodeContext) -> str:
        attempts.append(ctx.attempt)
        if ctx.attempt == 1:
            raise Transient("busy", "Busy.", delay_s=60)
        return "ok"

    plan = make_plan([node("a", attempts=2)], (), Step({"a": busy_once}))
    first = Drive(plan, clock=clock)
    assert (await first.run()).status == "waiting"
    clock.pass_s(61)
    assert (await Drive(plan, first.journal.events, clock=clock).run()).output == "ok"
    assert attempts == [1, 2]


async def test_a_crash_during_a_short_retry_delay_loses_no_attempt() -> None:
    clock = HandClock()
    retry_at = NOON.isoformat()
    history = [
        JournalEvent(EventType.RUN_STARTED, NOON, data={"inputs": {}}),
        JournalEvent(EventType.NODE_STARTED, NOON, "a", "", {"attempt": 1, "inputs": {}}),
        JournalEvent(EventType.NODE_FAILED, NOON, "a", "", {"attempt": 1, "error": {"code": "busy"}, "retry_at": retry_at}),
    ]
    drive = Drive(make_plan([node("a", attempts=3)]), history, clock=clock)
    assert (await drive.run()).output == "a"
    assert drive.of(EventType.NODE_STARTED)[-1].data["attempt"] == 2


def agent_plan(**agent: Any) -> Plan:
    spec = AgentSpec(**agent)
    return make_plan([node("a", "agent", config={"agent": "ann", "message": "Hi"})], (), agents={"ann": spec})


async def test_model_calls_that_were_paid_for_are_not_made_again() -> None:
    plan = agent_plan(output_schema={"type": "object", "required": ["n"]})
    model = ScriptedModel(["not json", '{"n": 1}'])
    whole = Drive(plan, models=model)
    expected = await whole.run()
    asked = len(model.requests)
    facts = [index for index, event in enumerate(whole.journal.events) if event.type is EventType.NODE_PROGRESS]
    again_model = ScriptedModel(['{"n": 1}'])
    again = Drive(plan, whole.journal.events[: facts[0] + 1], models=again_model)
    outcome = await again.run()
    assert outcome == expected
    assert (asked, len(again_model.requests)) == (2, 1)
    calls = [event.data["fact"]["call"] for event in again.of(EventType.NODE_PROGRESS)]
    assert calls == [0, 1]
    assert again.data(EventType.NODE_FINISHED, "a")["usage"]["calls"] == 2


async def test_waiting_entries_of_a_list_do_not_hold_up_the_others() -> None:
    nodes = [node("m", "map", config={"items": [1, 2, 3], "parallel": 1}), node("ok", "approval", parent="m", config=APPROVAL)]
    nodes[1] = node("ok", "approval", parent="m")
    plan = make_plan(nodes)
    first = Drive(plan)
    assert (await first.run()).status == "waiting"
    assert [event.iteration for event in first.of(EventType.NODE_WAITING)] == ["0", "1", "2"]
    answers = [resumed("ok", {"button": "approve", "note": str(index)}, str(index)) for index in (2, 0, 1)]
    second = Drive(plan, [*first.journal.events, *answers])
    outcome = await second.run()
    assert isinstance(outcome.output, dict)
    assert [result["note"] for result in outcome.output["results"]] == ["0", "1", "2"]


async def test_an_approval_gives_the_name_of_who_decided_and_knows_when_it_is_overdue() -> None:
    plan = make_plan([node("ok", "approval", config={"assignee": " mia@example.com ", "escalate_s": 60})])
    first = Drive(plan, clock=HandClock())
    await first.run()
    asked = first.data(EventType.NODE_WAITING, "ok")
    request = asked["request"]
    assert (request["assignee"], request["escalates_at"], asked["until"]) == ("mia@example.com", "2026-03-31T12:01:00+00:00", None)
    second = Drive(plan, [*first.journal.events, resumed("ok", {"button": "approve", "by": "u1", "by_name": "Mia"})])
    await second.run()
    assert second.output("ok") == {"button": "approve", "note": "", "by": "Mia", "values": {}}


async def test_a_signal_is_waited_for_by_name_and_its_value_goes_on() -> None:
    nodes = [node("w", "wait", config={"key": " order  {{ inputs.id }} "}), node("end", "end", config={"output": "{{ w.value.paid }}"})]
    plan = make_plan(nodes, edges("w>end"))
    first = Drive(plan, inputs={"id": 7})
    outcome = await first.run()
    assert (outcome.status, first.data(EventType.NODE_WAITING, "w")["request"]) == ("waiting", {"key": "order 7"})
    assert first.data(EventType.RUN_WAITING)["reasons"][0]["key"] == "order 7"
    told = resumed("w", {"value": {"paid": 5}, "sent_at": NOON.isoformat(), "by": "Mia"}, reason="signal")
    assert (await Drive(plan, [*first.journal.events, told]).run()).output == 5


async def test_a_signal_that_does_not_come_in_time_leaves_by_the_timeout() -> None:
    nodes = [
        node("w", "wait", config={"key": "k", "limit_s": 60}),
        node("late", "end", config={"output": "late"}),
        node("end", "end", config={"output": "in time"}),
    ]
    clock = HandClock()
    plan = make_plan(nodes, edges("w.timeout>late", "w>end"))
    first = Drive(plan, clock=clock)
    await first.run()
    clock.pass_s(61)
    assert (await Drive(plan, first.journal.events, clock=clock).run()).output == "late"


@pytest.mark.parametrize(("kind", "key"), [("wait", " "), ("signal", ""), ("signal", "k" * 201)])
async def test_a_signal_needs_a_name_of_sane_length(kind: str, key: str) -> None:
    drive = Drive(make_plan([node("n", kind, config={"key": key})]))
    outcome = await drive.run()
    assert outcome.error is not None
    assert outcome.error["field"] == "key"


async def test_sending_a_signal_is_told_with_the_end_of_the_step() -> None:
    drive = Drive(make_plan([node("n", "signal", config={"key": "k", "value": [1]})]))
    await drive.run()
    data = drive.data(EventType.NODE_FINISHED, "n")
    assert (data["then"], data["output"]) == ({"signal": "k"}, {"key": "k", "value": [1]})
