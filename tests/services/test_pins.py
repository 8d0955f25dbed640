"""Pinned outputs: checked against the step, limited in size, kept with a step that is renamed, set aside when they stop fitting."""

from typing import Any

import pytest

from app.core.errors import Invalid, LimitReached, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.blueprints import export_workflow
from app.services.workflows import apply_operations, create_workflow, list_pins, pin_output, unpin_output
from app.services.workflows.pins import MAX_TOTAL_BYTES
from app.views.workflows import WorkflowDetail
from models.workspace import Role
from tests.support.people import make_member

Json = dict[str, Any]
NODES = [
    {"id": "start", "kind": "start"},
    {"id": "sort", "kind": "condition", "config": {"cases": [{"id": "yes", "condition": "true"}]}},
    {"id": "ask", "kind": "llm", "label": "Ask", "config": {"prompt": "x"}},
    {"id": "done", "kind": "end", "config": {"output": "{{ ask.text }}"}},
]
EDGES = [{"source": "start", "target": "sort"}, {"source": "sort", "port": "yes", "target": "ask"}, {"source": "ask", "target": "done"}]


@pytest.fixture
def flow(uow: UnitOfWork) -> WorkflowDetail:
    """start -> sort -> ask -> done."""
    uow.actor = make_member(uow)
    return create_workflow(uow, name="Pins", spec={"nodes": NODES, "edges": EDGES})


def save(uow: UnitOfWork, flow: WorkflowDetail, *operations: Json, base: int = 1) -> None:
    apply_operations(uow, workflow_id=str(flow.id), base_revision=base, client_key=f"tab_a:{base}", operations=list(operations))


def pin(uow: UnitOfWork, flow: WorkflowDetail, node: str, output: Any, **more: Any) -> Any:
    return pin_output(uow, workflow_id=str(flow.id), node=node, output=output, **more)


def test_a_pin_is_kept_replaced_and_taken_away(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    pin(uow, flow, "ask", {"text": "one"})
    pin(uow, flow, "ask", {"text": "two"})
    (card,) = list_pins(uow, workflow_id=flow.id)
    assert (card.node, card.output, card.port, card.problem) == ("ask", {"text": "two"}, "out", "")
    unpin_output(uow, workflow_id=flow.id, node="ask")
    unpin_output(uow, workflow_id=flow.id, node="ask")
    assert list_pins(uow, workflow_id=flow.id) == ()


@pytest.mark.parametrize(
    ("node", "output", "port", "field"),
    [
        ("ask", {"words": 1}, None, "output"),
        ("ask", "text", None, "output"),
        ("ask", {"text": "x"}, "sideways", "port"),
        ("sort", {"case": "yes"}, "otherwise", "port"),
        ("sort", {"case": "nowhere"}, None, "port"),
        ("ask", {"text": "\x00"}, None, "output"),
    ],
)
def test_what_the_step_cannot_give_is_refused(uow: UnitOfWork, flow: WorkflowDetail, node: str, output: Any, port: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        pin(uow, flow, node, output, port=port)
    assert set(refused.value.fields) == {field}


def test_the_way_out_is_read_off_the_value_where_it_tells(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert pin(uow, flow, "sort", {"case": "yes"}).port == "yes"


def test_pins_have_a_size(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    with pytest.raises(Invalid):
        pin(uow, flow, "ask", {"text": "x" * 300_000})
    with pytest.raises(LimitReached, match="at most 256 kB"):
        pin(uow, flow, "ask", {"text": "\u00e9" * 200_000})
    text = "x" * 250_000
    many = [{"id": f"t{index}", "kind": "template"} for index in range(9)]
    save(uow, flow, *({"op": "add_node", "node": one} for one in many))
    for one in many[:7]:
        pin(uow, flow, one["id"], text)
    with pytest.raises(LimitReached, match="at most 2 MB"):
        pin(uow, flow, many[7]["id"], text + "x" * 5_000)
    assert sum(len(str(card.output)) for card in list_pins(uow, workflow_id=flow.id)) <= MAX_TOTAL_BYTES


def test_a_pin_follows_its_step_to_a_new_id(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    pin(uow, flow, "ask", {"text": "one"})
    save(uow, flow, {"op": "rename_node", "id": "ask", "new_id": "question"})
    assert [card.node for card in list_pins(uow, workflow_id=flow.id)] == ["question"]
    save(uow, flow, {"op": "remove_node", "id": "question"}, base=2)
    (card,) = list_pins(uow, workflow_id=flow.id)
    assert card.problem == "The step is gone."
    save(uow, flow, {"op": "rename_node", "id": "sort", "new_id": "question"}, base=3)
    (card,) = list_pins(uow, workflow_id=flow.id)
    assert card.problem == "The step is of another kind now. Pin a new output."


def test_a_pin_that_no_longer_fits_the_step_says_so(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    pin(uow, flow, "ask", {"text": "one"})
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    save(uow, flow, {"op": "set_config", "id": "ask", "path": ["output_schema"], "value": schema})
    (card,) = list_pins(uow, workflow_id=flow.id)
    assert "'data' is missing" in card.problem


def test_pins_are_not_exported(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    pin(uow, flow, "ask", {"text": "a secret customer"})
    assert "secret customer" not in str(export_workflow(uow, workflow_id=flow.id))


def test_a_viewer_sees_pins_and_changes_none_and_strangers_see_nothing(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    pin(uow, flow, "ask", {"text": "one"})
    member = uow.actor
    assert member is not None
    uow.actor = Actor(member.user_id, member.workspace_id, Role.VIEWER)
    assert len(list_pins(uow, workflow_id=flow.id)) == 1
    with pytest.raises(NotAllowed):
        pin(uow, flow, "ask", {"text": "two"})
    with pytest.raises(NotAllowed):
        unpin_output(uow, workflow_id=flow.id, node="ask")
    uow.actor = make_member(uow, Role.OWNER)
    with pytest.raises(NotFound):
        list_pins(uow, workflow_id=flow.id)


@pytest.mark.parametrize("node", ["absent", None, 5, "a" * 100])
def test_a_step_that_is_not_there_is_not_found(uow: UnitOfWork, flow: WorkflowDetail, node: Any) -> None:
    with pytest.raises(NotFound):
        pin(uow, flow, node, 1)
