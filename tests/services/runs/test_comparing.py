"""Two runs side by side: what differs in path, values, money and time, and for whom."""

from typing import Any

import pytest

from app.core.errors import Invalid, NotFound
from app.core.uow import Actor
from app.services.runs import compare_runs, fork_run, start_run
from app.views.comparing import StepPair
from app.wiring import Wiring
from models.workspace import Role
from tests.support.driving import PricedModel, drive
from tests.support.people import make_member
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def choosing() -> Any:
    cases = [{"id": "long", "label": "Long", "condition": "inputs.text.size > 5"}]
    return spec_of(
        node("start", "start"),
        node("check", "condition", cases=cases),
        node("draft", "llm", label="Draft it", model="demo/assistant", prompt="{{ inputs.text }}"),
        node("short", "template", text="short"),
        node("end", "end", output="{{ draft.text | default: short }}"),
        edges="start>check check.long>draft check.otherwise>short draft>end short>end",
    )


def begin(wiring: Wiring, actor: Actor, *texts: str) -> list[Any]:
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, choosing()).id
        rows = [start_run(uow, workflow_id=workflow_id, inputs={"text": text}) for text in texts]
    for row in rows:
        drive(wiring, actor, row.id, models=PricedModel())
    return [row.id for row in rows]


def paired(wiring: Wiring, actor: Actor, a: object, b: object) -> dict[str, StepPair]:
    return {pair.node: pair for pair in wiring.call(compare_runs, actor, a=a, b=b).steps}


def test_without_another_it_is_the_run_of_the_workflow_before(wiring: Wiring, actor: Actor) -> None:
    first, second, third = begin(wiring, actor, "short", "much longer", "the longest")
    begin(wiring, actor, "of another workflow")
    compared = wiring.call(compare_runs, actor, a=None, b=third)
    assert (compared.a.row.id, compared.b.row.id) == (second, third)
    assert wiring.call(compare_runs, actor, a="", b=second).a.row.id == first
    with pytest.raises(Invalid, match="first run of its workflow"):
        wiring.call(compare_runs, actor, a=None, b=first)
    with wiring.unit() as uow:
        stranger = make_member(uow)
    with pytest.raises(NotFound):
        wiring.call(compare_runs, stranger, a=None, b=third)


def test_the_paths_and_the_money_differ(wiring: Wiring, actor: Actor) -> None:
    a, b = begin(wiring, actor, "a long text", "tiny")
    pairs = paired(wiring, actor, a, b)
    assert {name: pair.difference for name, pair in pairs.items()} == {
        "start": "output",
        "check": "output",
        "draft": "only_a",
        "short": "only_b",
        "end": "output",
    }
    assert (pairs["check"].ports_a, pairs["check"].ports_b) == (("long",), ("otherwise",))
    assert (pairs["draft"].cost_micros_a, pairs["draft"].cost_micros_b, pairs["draft"].label) == (100, 0, "Draft it")
    compared = wiring.call(compare_runs, actor, a=a, b=b)
    assert (compared.is_same_version, compared.has_same_inputs, compared.has_same_output) == (True, False, False)


def test_equal_runs_differ_in_nothing(wiring: Wiring, actor: Actor) -> None:
    a, b = begin(wiring, actor, "a long text", "a long text")
    assert {pair.difference for pair in paired(wiring, actor, a, b).values()} == {"same"}
    assert wiring.call(compare_runs, actor, a=a, b=b).has_same_output


def test_a_fork_beside_its_origin_shows_the_written_value(wiring: Wiring, actor: Actor) -> None:
    (origin,) = begin(wiring, actor, "a long text")
    edits = [{"node": "draft", "value": {"text": "by hand"}}]
    fork = wiring.call(fork_run, actor, run_id=origin, how="moment", edits=edits)
    drive(wiring, actor, fork.id, models=PricedModel())
    pairs = paired(wiring, actor, origin, fork.id)
    assert [name for name, pair in pairs.items() if pair.difference != "same"] == ["draft", "end"]
    assert pairs["draft"].changed == ("",)


def test_a_run_is_not_compared_with_itself_nor_with_what_is_not_there(wiring: Wiring, actor: Actor) -> None:
    (run,) = begin(wiring, actor, "tiny")
    with pytest.raises(Invalid):
        wiring.call(compare_runs, actor, a=run, b=str(run))
    for other in (None, "", "x", 5, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(NotFound):
            wiring.call(compare_runs, actor, a=run, b=other)
    with wiring.unit() as uow:
        stranger = make_member(uow, Role.OWNER)
    a, b = begin(wiring, actor, "one", "two")
    with pytest.raises(NotFound):
        wiring.call(compare_runs, stranger, a=a, b=b)
