"""Forks: what is kept of a run, what runs again, and that the result is what a whole run would have given."""

import asyncio
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Permanent
from engine.json import JsonObject
from engine.nodes.base import NodeContext
from engine.nodes.registry import KINDS
from engine.run.cut import needed_for
from engine.run.events import EventType, JournalEvent
from engine.run.fit import compare_definitions
from engine.run.fork import ForkPoint, Written, fork_history
from engine.run.frames import Key
from engine.run.plan import Plan
from engine.run.record import read_record
from engine.spec.setup import RunSetup
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec
from tests.engine.kit import NOON, Drive, Fork, Step, edges, make_plan, node
from tests.engine.test_crashes import World, workflows


def fork(plan: Plan, events: Sequence[JournalEvent], **point: object) -> tuple[Drive, set[Key]]:
    kept = fork_history(plan, read_record(events), ForkPoint(**point), at=NOON)  # type: ignore[arg-type]
    return Drive(plan, kept.history), kept.settled


def again(*names: str) -> frozenset[Key]:
    """`x` or `x@3`."""
    return frozenset((name.partition("@")[0], name.partition("@")[2]) for name in names)


def chain(step: Step) -> Plan:
    nodes = [node("start", "start"), *(node(name) for name in ("a", "b", "c", "d"))]
    return make_plan(nodes, edges("start>a>b>c", "a>d"), step)


async def test_a_fork_runs_a_step_and_what_follows_and_keeps_the_rest() -> None:
    step = Step()
    plan = chain(step)
    first = Drive(plan, inputs={"x": 1})
    await first.run()
    step.ran.clear()
    second, settled = fork(plan, first.journal.events, again=again("b"))
    assert (await second.run()).output == {"c": "c", "d": "d"}
    assert step.ran == [("b", ""), ("c", "")]
    assert settled == {("start", ""), ("a", ""), ("d", "")}
    assert second.data(EventType.NODE_FINISHED, "d")["source"] == "kept"
    assert "source" not in second.data(EventType.NODE_FINISHED, "b")


async def test_a_written_value_is_used_by_everything_that_follows() -> None:
    async def shout(ctx: NodeContext) -> str:
        return str(ctx.scope()["a"]).upper()

    step = Step({"b": shout})
    plan = chain(step)
    first = Drive(plan)
    await first.run()
    step.ran.clear()
    second, _ = fork(plan, first.journal.events, written={("a", ""): Written("edited")})
    assert (await second.run()).status == "succeeded"
    assert second.output("b") == "EDITED"
    assert sorted(name for name, _ in step.ran) == ["b", "c", "d"]
    assert second.data(EventType.NODE_FINISHED, "a")["source"] == "edited"


async def test_a_failed_step_is_mended_by_writing_its_result() -> None:
    async def fail(ctx: NodeContext) -> None:
        raise Permanent("broken", "It broke.")

    plan = chain(Step({"b": fail}))
    first = Drive(plan)
    assert (await first.run()).status == "failed"
    second, _ = fork(plan, first.journal.events, written={("b", ""): Written("by hand")})
    assert (await second.run()).status == "succeeded"


async def test_another_way_out_takes_another_path() -> None:
    nodes = [node("start", "start"), node("f", "fork"), node("a"), node("b"), node("j", "merge")]
    links = edges("start>f", "f.yes>a>j", "f.no>b>j")
    plan = make_plan(nodes, links, Fork({"f": "yes"}))
    first = Drive(plan)
    await first.run()
    second, settled = fork(plan, first.journal.events, written={("f", ""): Written(None, "no")})
    assert (await second.run()).output == {"b": "b"}
    assert ("a", "") in settled, "the way that is not taken any more is skipped at once"


async def test_a_value_before_which_something_runs_again_is_refused() -> None:
    plan = chain(Step())
    first = Drive(plan)
    await first.run()
    with pytest.raises(Permanent) as refused:
        fork(plan, first.journal.events, again=again("a"), written={("b", ""): Written(1)})
    assert (refused.value.code, refused.value.field) == ("edit_unused", "b")


async def test_new_inputs_start_the_whole_run_anew() -> None:
    nodes = [node("start", "start"), node("t", "template", config={"text": "Hello {{ inputs.name }}"})]
    plan = make_plan(nodes, edges("start>t"))
    first = Drive(plan, inputs={"name": "Mia"})
    await first.run()
    second, settled = fork(plan, first.journal.events, again=again("start"), inputs={"name": "Ada"})
    assert (await second.run()).output == "Hello Ada"
    assert not settled


def mapped(step: Step, *, parallel: int = 2, on_item_error: str = "fail") -> Plan:
    config = {"items": "{{ inputs.rows }}", "parallel": parallel, "on_item_error": on_item_error, "result": "{{ y }}"}
    nodes = [
        node("start", "start"),
        node("m", "map", config=config),
        node("x", parent="m"),
        node("y", parent="m"),
        node("end", "end", config={"output": "{{ m.results }}"}),
    ]
    return make_plan(nodes, edges("start>m>end", "x>y"), step)


@pytest.mark.parametrize("parallel", [1, 2, 10])
async def test_one_entry_of_a_list_runs_again_and_the_others_are_kept(parallel: int) -> None:
    step = Step({"y": named})
    plan = mapped(step, parallel=parallel)
    first = Drive(plan, inputs={"rows": [1, 2, 3, 4, 5]})
    await first.run()
    step.ran.clear()
    second, settled = fork(plan, first.journal.events, again=again("y@2"))
    assert (await second.run()).output == ["y0", "y1", "y2", "y3", "y4"]
    assert step.ran == [("y", "2")]
    assert ("x", "2") in settled
    assert ("m", "") not in settled


async def named(ctx: NodeContext) -> str:
    return f"{ctx.node_id}{ctx.iteration}"


@pytest.mark.parametrize("parallel", [1, 3])
async def test_failed_entries_run_again_without_the_finished_steps_before_them(parallel: int) -> None:
    broken = {"1", "3"}

    async def shaky(ctx: NodeContext) -> str:
        if ctx.iteration in broken:
            raise Permanent("broken", "It broke.")
        return f"y{ctx.iteration}"

    step = Step({"y": shaky})
    plan = mapped(step, parallel=parallel, on_item_error="collect")
    first = Drive(plan, inputs={"rows": [1, 2, 3, 4, 5]})
    assert (await first.run()).output == ["y0", None, "y2", None, "y4"]
    step.ran.clear()
    broken.clear()
    second, _ = fork(plan, first.journal.events, again=frozenset(read_record(first.journal.events).failed()))
    assert (await second.run()).output == ["y0", "y1", "y2", "y3", "y4"]
    assert sorted(step.ran) == [("y", "1"), ("y", "3")]
    ends = [(event.node, event.iteration) for event in second.of(EventType.NODE_FINISHED)]
    assert len(ends) == len(set(ends))


async def test_a_list_that_went_on_without_an_entry_is_kept_as_it_was() -> None:
    async def shaky(ctx: NodeContext) -> str:
        if ctx.iteration == "1":
            raise Permanent("broken", "It broke.")
        return f"y{ctx.iteration}"

    step = Step({"y": shaky})
    plan = mapped(step, on_item_error="skip")
    first = Drive(plan, inputs={"rows": [1, 2, 3]})
    await first.run()
    step.ran.clear()
    second, settled = fork(plan, first.journal.events, again=again("end"))
    assert (await second.run()).output == ["y0", "y2"]
    assert not step.ran
    assert {("m", ""), ("y", "1")} <= settled


async def test_a_written_value_inside_a_list_changes_that_entry_only() -> None:
    step = Step()
    plan = mapped(step)
    first = Drive(plan, inputs={"rows": [1, 2, 3]})
    await first.run()
    step.ran.clear()
    second, _ = fork(plan, first.journal.events, written={("y", "1"): Written("mine")})
    assert (await second.run()).output == ["y", "mine", "y"]
    assert not step.ran


async def test_lists_in_lists_keep_their_entries() -> None:
    async def path(ctx: NodeContext) -> str:
        return ctx.iteration

    step = Step({"x": path})
    nodes = [
        node("start", "start"),
        node("m", "map", config={"items": "{{ inputs.rows }}", "parallel": 1}),
        node("k", "map", parent="m", config={"items": "{{ item }}", "parallel": 1}),
        node("x", parent="k"),
    ]
    plan = make_plan(nodes, edges("start>m"), step)
    first = Drive(plan, inputs={"rows": [[1, 2], [3, 4]]})
    whole = await first.run()
    step.ran.clear()
    second, _ = fork(plan, first.journal.events, again=again("x@1/0"))
    assert await second.run() == whole
    assert step.ran == [("x", "1/0")]


async def test_results_that_fit_a_newer_version_are_kept_and_the_rest_runs() -> None:
    old = WorkflowSpec(
        nodes=(node("start", "start"), node("a"), node("b"), node("gone"), node("d")), edges=edges("start>a>b>d", "start>gone")
    )
    new_nodes: list[NodeSpec] = [node("start", "start"), node("a", timeout_s=5), node("b", "quick"), node("extra"), node("d", join="any")]
    links: tuple[EdgeSpec, ...] = edges("start>a>b>extra>d")
    step = Step()
    first = Drive(make_plan(old.nodes, old.edges, step))
    await first.run()
    step.ran.clear()
    plan = make_plan(new_nodes, links, step)
    fit = compare_definitions(old, WorkflowSpec(nodes=tuple(new_nodes), edges=links), KINDS)
    assert fit.unfit == {"b": "It was “step” and is “quick” now.", "gone": "It is no longer in the workflow."}
    assert fit.changed == {"d"}
    second, settled = fork(plan, first.journal.events, unfit=frozenset(fit.unfit))
    assert (await second.run()).status == "succeeded"
    assert settled == {("start", ""), ("a", "")}
    assert [name for name, _ in step.ran] == ["extra", "d"]


async def test_inputs_given_by_hand_replace_the_resolved_ones_also_on_a_retry() -> None:
    nodes = [node("start", "start"), node("t", "template", config={"text": "Hello {{ inputs.name }}"})]
    setup = RunSetup(given={"t@": {"text": "Hello {{ literally }}"}})
    plan = make_plan(nodes, edges("start>t"), setup=setup)
    drive = Drive(plan, inputs={"name": "Mia"})
    assert (await drive.run()).output == "Hello {{ literally }}"
    assert drive.data(EventType.NODE_FINISHED, "t")["inputs"] == {"text": "Hello {{ literally }}"}


def test_a_reading_call_that_was_edited_into_a_changing_one_counts_as_an_effect() -> None:
    nodes = [node("call", "http", config={"url": "https://example.com", "method": "GET"})]
    given: JsonObject = {"url": "https://example.com", "method": "POST"}
    assert make_plan(nodes).nodes["call"].effect == "idempotent"
    assert make_plan(nodes, setup=RunSetup(given={"call@": given})).nodes["call"].effect == "effect"


def test_a_step_needs_what_stands_before_it_and_the_containers_around_it() -> None:
    workflow = WorkflowSpec(
        nodes=(
            *(node(name) for name in ("start", "a", "b", "side")),
            *(node(name, "map") for name in ("whole", "m")),
            node("w", parent="whole"),
            *(node(name, parent="m") for name in ("x", "y", "z")),
        ),
        edges=edges("start>a>whole>m>b", "start>side", "x>y>z"),
    )
    assert set(needed_for(workflow, "y")) == {"start", "a", "whole", "w", "m", "x", "y"}
    assert set(needed_for(workflow, "m")) == {"start", "a", "whole", "w", "m", "x", "y", "z"}
    assert needed_for(workflow, "absent") == ()


async def test_a_run_that_goes_only_so_far_leaves_the_rest_out() -> None:
    step = Step()
    nodes = [
        node("start", "start"),
        node("m", "map", config={"items": [1, 2], "result": "{{ y }}"}),
        node("x", parent="m"),
        node("y", parent="m"),
        node("after"),
    ]
    links = edges("start>m>after", "x>y")
    only = needed_for(WorkflowSpec(nodes=tuple(nodes), edges=links), "x")
    plan = make_plan(nodes, links, step, setup=RunSetup(only=only))
    drive = Drive(plan)
    assert (await drive.run()).output == {"results": ["x", "x"], "errors": [], "count": 2}
    assert {name for name, _ in step.ran} == {"x"}


@settings(max_examples=150, deadline=None)
@given(workflows(), st.randoms(use_true_random=False))
def test_a_fork_from_any_moment_and_any_steps_ends_like_the_whole_run(
    workflow: tuple[list[NodeSpec], list[EdgeSpec]], chance: random.Random
) -> None:
    async def story() -> None:
        world = World()
        plan = make_plan(*workflow, *world.kinds)
        first = Drive(plan)
        whole = await first.run()
        events = first.journal.events[: chance.randint(1, len(first.journal.events))]
        places = sorted({(event.node, event.iteration) for event in events if event.node})
        roots = frozenset(chance.sample(places, min(len(places), chance.randint(0, 2))))
        world.calls.clear()
        second, settled = fork(plan, events, again=roots)
        assert await second.run() == whole
        assert not {(key.split(":")[1], key.split(":")[2]) for key in world.calls} & settled
        assert set(world.calls.values()) <= {1}
        ends = [(event.node, event.iteration) for event in second.of(EventType.NODE_FINISHED)]
        assert len(ends) == len(set(ends))
        assert {key for key in settled if key in roots} == set()

    asyncio.run(story())
