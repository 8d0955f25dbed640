"""One step on its own: with what an earlier run or a person gives it, wherever it stands."""

from collections.abc import Sequence
from typing import Any

import pytest

from engine.errors import Permanent
from engine.run.cut import needed_for
from engine.run.events import EventType, JournalEvent
from engine.run.record import Record, read_record
from engine.run.single import SingleStep, single_history
from engine.spec.setup import RunSetup
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec
from tests.engine.kit import NOON, Drive, Fork, Step, edges, make_plan, node

Drawing = tuple[list[NodeSpec], tuple[EdgeSpec, ...]]


def single(drawing: Drawing, name: str, record: Record, *kinds: Any, results: dict[str, Any] | None = None, **more: Any) -> Drive:
    nodes, links = drawing
    only = needed_for(WorkflowSpec(nodes=tuple(nodes), edges=links), name)
    plan = make_plan(nodes, links, *kinds, setup=RunSetup(only=only))
    step = SingleStep(node=name, results=results or {}, note={"how": "step", "node": name}, **more)
    return Drive(plan, single_history(plan, record, step, at=NOON))


def text(name: str, template: str, **rest: Any) -> NodeSpec:
    return node(name, "template", config={"text": template}, **rest)


def drawing() -> Drawing:
    nodes = [
        node("start", "start"),
        node("a"),
        node("f", "fork"),
        text("b", "b of {{ a }}"),
        node("c"),
        text("last", "{{ inputs.name }}: {{ a }} {{ b }}"),
        node("after"),
    ]
    return nodes, edges("start>a>f", "f.yes>b>last", "f.no>c>last", "last>after")


async def recorded(shape: Drawing, *kinds: Any, **inputs: Any) -> Sequence[JournalEvent]:
    drive = Drive(make_plan(*shape, *kinds), inputs=inputs)
    await drive.run()
    return drive.journal.events


async def test_a_step_runs_alone_on_what_the_last_run_gave() -> None:
    step = Step()
    events = await recorded(drawing(), step, Fork({"f": "yes"}), name="Mia")
    step.ran.clear()
    drive = single(drawing(), "last", read_record(events), step, Fork({}))
    assert (await drive.run()).output == "Mia: a b of a"
    assert not step.ran
    assert [event.node for event in drive.of(EventType.NODE_FINISHED) if "source" not in event.data] == ["last"]
    assert not drive.of(EventType.NODE_FINISHED, "after")


async def test_a_step_runs_on_given_results_of_a_way_the_run_did_not_take() -> None:
    events = await recorded(drawing(), Fork({"f": "no"}), name="Mia")
    drive = single(drawing(), "last", read_record(events), results={"b": "given"})
    assert (await drive.run()).output == "Mia: a given"
    assert drive.data(EventType.NODE_FINISHED, "b")["source"] == "edited"


async def test_a_step_runs_without_any_earlier_run_when_its_values_are_given() -> None:
    drive = single(drawing(), "last", Record(), results={"a": "A", "b": "B"}, inputs={"name": "Ada"})
    assert (await drive.run()).output == "Ada: A B"
    assert [event.node for event in drive.of(EventType.NODE_SKIPPED)] == ["c", "f"]


def test_a_step_without_anything_before_it_says_what_it_needs() -> None:
    with pytest.raises(Permanent) as refused:
        single(drawing(), "last", Record())
    assert refused.value.code == "results_missing"
    assert set(refused.value.details) == {"b", "c"}


async def test_a_first_step_needs_nothing() -> None:
    step = Step()
    drive = single(([node("only")], ()), "only", Record(), step)
    assert (await drive.run()).output == "only"


async def test_a_whole_list_runs_as_one_step() -> None:
    nodes = [node("start", "start"), node("m", "map", config={"items": "{{ inputs.rows }}"}), text("x", "{{ item }}!", parent="m")]
    drive = single((nodes, edges("start>m")), "m", Record(), inputs={"rows": [1, 2]})
    assert (await drive.run()).output["results"] == ["1!", "2!"]  # type: ignore[index]


def listed() -> Drawing:
    nodes = [
        node("start", "start"),
        node("m", "map", config={"items": "{{ inputs.rows }}", "result": "{{ z }}"}),
        node("x", parent="m"),
        text("y", "{{ x }} of {{ item }}", parent="m"),
        node("z", parent="m"),
    ]
    return nodes, edges("start>m", "x>y>z")


async def test_a_step_in_a_list_runs_for_one_recorded_entry() -> None:
    step = Step()
    record = read_record(await recorded(listed(), step, rows=["p", "q", "r"]))
    step.ran.clear()
    drive = single(listed(), "y", record, step, iteration="1")
    assert (await drive.run()).output == {"results": ["x of q"], "errors": [], "count": 1}
    assert drive.output("y", "0") == "x of q"
    assert not step.ran


@pytest.mark.parametrize("iteration", ["", "7", "1/0", "x"])
async def test_a_step_in_a_list_without_such_an_entry_is_refused(iteration: str) -> None:
    record = read_record(await recorded(listed(), rows=["p", "q", "r"]))
    with pytest.raises(Permanent) as refused:
        single(listed(), "y", record, iteration=iteration)
    assert refused.value.code == "entry_missing"
