"""The driver in memory: order, parallelism, commits, retries, errors, limits."""

import asyncio
from typing import Any

import pytest

from engine.errors import LimitExceeded, Permanent, Transient
from engine.nodes.base import Effect, NodeContext
from engine.run.events import EventType, JournalEvent
from engine.run.plan import compile_plan
from engine.spec.workflow import RunPlan, WorkflowSpec
from tests.engine.kit import Drive, Fork, Quick, Step, edges, make_plan, node, run_plan


class Together:
    """Passes when so many are inside at once."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)

    async def __call__(self, ctx: NodeContext) -> str:
        async with asyncio.timeout(5):
            await self.barrier.wait()
        return ctx.node_id


async def forever(ctx: NodeContext) -> None:
    await asyncio.Event().wait()


def failing(error: Exception, times: int = 99) -> Any:
    left = [times]

    async def behave(ctx: NodeContext) -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return "at last"

    return behave


async def test_an_empty_workflow_succeeds() -> None:
    outcome, _ = await run_plan(make_plan([]))
    assert outcome.status == "succeeded"
    assert outcome.output is None


async def test_all_ready_nodes_run_at_once() -> None:
    names = [f"n{index}" for index in range(12)]
    together = Together(12)
    plan = make_plan([node("a"), *map(node, names)], edges(*(f"a>{name}" for name in names)), Step(dict.fromkeys(names, together)))
    outcome, _ = await run_plan(plan)
    assert outcome.status == "succeeded"
    assert outcome.output == {name: name for name in names}


async def test_no_more_nodes_run_at_once_than_the_workflow_allows() -> None:
    inside, most = 0, 0

    async def count(ctx: NodeContext) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.001)
        inside -= 1

    names = [f"n{index}" for index in range(9)]
    outcome, _ = await run_plan(make_plan([node(name) for name in names], (), Step(dict.fromkeys(names, count)), max_parallel=3))
    assert outcome.status == "succeeded"
    assert most == 3


async def test_only_the_chosen_branch_runs_and_the_join_still_starts() -> None:
    nodes = [node("f", "fork"), node("a"), node("b"), node("c"), node("j")]
    plan = make_plan(nodes, edges("f.yes>a>j", "f.no>b>c>j"), Fork({"f": "no"}))
    outcome, drive = await run_plan(plan)
    assert outcome.output == "j"
    assert [event.node for event in drive.of(EventType.NODE_SKIPPED)] == ["a"]


async def test_nodes_that_hang_on_nothing_are_skipped_when_there_is_a_start() -> None:
    plan = make_plan([node("start", "start"), node("a"), node("stray"), node("after")], edges("start>a", "stray>after"))
    outcome, drive = await run_plan(plan)
    assert outcome.output == "a"
    assert [event.node for event in drive.of(EventType.NODE_SKIPPED)] == ["stray", "after"]


async def test_pure_nodes_share_one_commit() -> None:
    plan = make_plan([node(f"n{index}", "quick") for index in range(100)], edges(">".join(f"n{index}" for index in range(100))))
    _, drive = await run_plan(plan)
    assert len(drive.journal.commits) == 1


async def test_an_intent_is_durable_before_the_call() -> None:
    seen: list[list[str]] = []
    effect = Step({}, Effect.EFFECT, "eff")
    plan = make_plan([node("q", "quick"), node("e", "eff")], edges("q>e"), effect)
    drive = Drive(plan)

    async def look(ctx: NodeContext) -> None:
        seen.append([f"{event.type}:{event.node}" for event in drive.journal.events])

    effect.behave["e"] = look
    await drive.run()
    assert seen == [["run_started:None", "node_finished:q", "node_started:e"]]


async def test_many_effects_that_start_together_share_one_commit() -> None:
    names = [f"e{index}" for index in range(8)]
    effect = Step(dict.fromkeys(names, Together(8)), Effect.EFFECT, "eff")
    _, drive = await run_plan(make_plan([node(name, "eff") for name in names], (), effect))
    assert drive.journal.commits[0] == 9


async def test_a_transient_failure_is_tried_again() -> None:
    step = Step({"a": failing(Transient("busy", "Busy."), times=2)})
    outcome, drive = await run_plan(make_plan([node("a", attempts=3)], (), step))
    assert outcome.output == "at last"
    assert [event.data["attempt"] for event in drive.of(EventType.NODE_STARTED)] == [1, 2, 3]
    assert all("retry_at" in event.data for event in drive.of(EventType.NODE_FAILED))


async def test_a_permanent_failure_is_not_tried_again() -> None:
    step = Step({"a": failing(Permanent("bad", "Bad."))})
    outcome, _ = await run_plan(make_plan([node("a", attempts=3)], (), step))
    assert outcome.status == "failed"
    assert outcome.error == {"code": "bad", "message": "Bad.", "node": "a"}
    assert len(step.ran) == 1


async def test_attempts_run_out() -> None:
    step = Step({"a": failing(Transient("busy", "Busy."))})
    outcome, _ = await run_plan(make_plan([node("a", attempts=3)], (), step))
    assert outcome.status == "failed"
    assert len(step.ran) == 3


async def test_a_long_delay_asked_for_by_the_other_side_parks_the_run() -> None:
    step = Step({"a": failing(Transient("busy", "Busy.", delay_s=600))})
    outcome, drive = await run_plan(make_plan([node("a", attempts=3)], (), step))
    assert outcome.status == "waiting"
    assert outcome.wake_at is not None
    reasons = drive.data(EventType.RUN_WAITING)["reasons"]
    assert [reason["reason"] for reason in reasons] == ["retry"]
    assert drive.data(EventType.NODE_WAITING, "a")["attempt"] == 2


async def test_an_error_branch_goes_on_with_the_error() -> None:
    nodes = [node("a", on_error="branch"), node("fix", "template", config={"text": "saw {{ a.code }}"}), node("next")]
    outcome, drive = await run_plan(make_plan(nodes, edges("a.error>fix", "a>next"), Step({"a": failing(Permanent("bad", "Bad."))})))
    assert outcome.output == "saw bad"
    assert [event.node for event in drive.of(EventType.NODE_SKIPPED)] == ["next"]


async def test_a_default_stands_in_for_a_failed_node() -> None:
    nodes = [node("a", on_error="default", default={"n": 7}), node("t", "template", config={"text": "{{ a.n }}"})]
    outcome, _ = await run_plan(make_plan(nodes, edges("a>t"), Step({"a": failing(Permanent("bad", "Bad."))})))
    assert outcome.output == "7"


async def test_a_failure_stops_the_other_branches_and_says_so() -> None:
    async def fail_later(ctx: NodeContext) -> None:
        await asyncio.sleep(0.01)
        raise Permanent("bad", "Bad.")

    step = Step({"slow": forever, "a": fail_later})
    outcome, drive = await run_plan(make_plan([node("slow"), node("a"), node("next")], edges("slow>next"), step))
    assert outcome.status == "failed"
    assert drive.data(EventType.NODE_CANCELLED, "slow") == {"reason": "run_failed"}
    assert drive.journal.events[-1].type is EventType.RUN_FAILED


async def test_a_fault_in_a_kind_fails_its_node_in_plain_words() -> None:
    step = Step({"a": failing(ZeroDivisionError("secret"))})
    outcome, drive = await run_plan(make_plan([node("a")], (), step))
    assert outcome.error is not None
    assert outcome.error["code"] == "internal_error"
    assert "secret" not in str(drive.journal.events)


@pytest.mark.parametrize("kind", ["step", "quick"])
@pytest.mark.parametrize(
    ("value", "code"),
    [
        (float("nan"), "output_invalid"),
        (float("inf"), "output_invalid"),
        ("a\x00b", "output_invalid"),
        ("\ud800", "output_invalid"),
        ({1: 2}, "output_invalid"),
        ({"a": {1, 2}}, "output_invalid"),
        (2**70, "output_invalid"),
        ("x" * 1_100_000, "output_too_large"),
        ([[]] * 400_000, "output_too_large"),
    ],
)
async def test_a_value_that_cannot_be_kept_fails_the_node(kind: str, value: Any, code: str) -> None:
    async def give(ctx: NodeContext) -> Any:
        return value

    outcome, _ = await run_plan(make_plan([node("a", kind)], (), Step({"a": give}), Quick({"a": give})))
    assert outcome.error is not None
    assert outcome.error["code"] == code


async def test_a_failed_template_names_node_field_line_and_column() -> None:
    nodes = [node("t", "template", config={"text": "one\n  {{ nobody.name }}"})]
    outcome, _ = await run_plan(make_plan(nodes))
    assert outcome.error is not None
    assert (outcome.error["node"], outcome.error["field"]) == ("t", "text")
    assert (outcome.error["details"]["line"], outcome.error["details"]["column"]) == (2, 6)


async def test_a_node_that_takes_too_long_times_out_and_may_be_tried_again() -> None:
    step = Step({"a": forever})
    outcome, _ = await run_plan(make_plan([node("a", timeout_s=0.01, attempts=2)], (), step))
    assert outcome.error is not None
    assert outcome.error["code"] == "timeout"
    assert len(step.ran) == 2


async def test_a_run_that_works_too_long_fails() -> None:
    outcome, drive = await run_plan(make_plan([node("a")], (), Step({"a": forever}), timeout_s=0.05))
    assert outcome.error is not None
    assert outcome.error["code"] == "run_timeout"
    assert drive.data(EventType.NODE_CANCELLED, "a") == {"reason": "run_failed"}


async def test_a_run_with_too_many_steps_fails() -> None:
    names = [f"n{index}" for index in range(30)]
    outcome, _ = await run_plan(make_plan([node(name, "quick") for name in names], edges(">".join(names)), max_steps=10))
    assert outcome.error is not None
    assert outcome.error["code"] == "too_many_steps"


async def test_a_run_that_is_over_is_not_driven_again() -> None:
    plan = make_plan([node("a")])
    _, drive = await run_plan(plan)
    again = Drive(plan, drive.journal.events)
    assert (await again.run()).status == "succeeded"
    assert again.journal.commits == []


async def test_run_outputs_of_several_ends_are_named() -> None:
    nodes = [node("a"), node("e1", "end", config={"output": 1}), node("e2", "end", config={"output": "{{ a }}"})]
    outcome, _ = await run_plan(make_plan(nodes, edges("a>e1", "a>e2")))
    assert outcome.output == {"e1": 1, "e2": "a"}


async def test_a_very_long_chain_and_a_very_wide_fan_run() -> None:
    names = [f"n{index}" for index in range(10_000)]
    chain = make_plan([node(name, "quick") for name in names], edges(">".join(names)))
    assert (await run_plan(chain))[0].output == "n9999"
    fan = make_plan([node("a", "quick"), *(node(name) for name in names[2:]), node("z", "quick")], edges(*(f"a>{n}>z" for n in names[2:])))
    outcome, drive = await run_plan(fan)
    assert outcome.output == "z"
    assert len(drive.of(EventType.NODE_FINISHED)) == 10_000


async def test_limits_are_told_apart_from_other_failures() -> None:
    step = Step({"a": failing(LimitExceeded("too_big", "Too big."))})
    outcome, _ = await run_plan(make_plan([node("a", attempts=3)], (), step))
    assert outcome.error == {"code": "too_big", "message": "Too big.", "node": "a"}


async def test_a_run_whose_first_event_was_written_by_a_service_goes_on() -> None:
    plan = compile_plan(RunPlan(workflow=WorkflowSpec()), {})
    drive = Drive(plan, [JournalEvent(EventType.RUN_STARTED, Drive(plan).driver.deps.clock.now(), data={"inputs": {}})])
    assert (await drive.run()).status == "succeeded"


async def test_a_second_attempt_takes_back_what_the_first_one_streamed() -> None:
    class Watching:
        """Keeps the kinds of what it is told."""

        is_watched = True

        def __init__(self) -> None:
            self.seen: list[tuple[str, str]] = []

        def emit(self, kind: str, node: str, iteration: str, payload: Any) -> None:
            self.seen.append((kind, node))

    live = Watching()
    step = Step({"a": failing(Transient("busy", "Busy."), times=1)})
    await run_plan(make_plan([node("a", attempts=2)], (), step), live=live)
    assert live.seen == [("reset", "a")]
