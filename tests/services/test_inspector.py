"""The inspector: a node as a form."""

import pytest

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.inspector import describe_node
from app.services.workflows import apply_operations, create_workflow
from app.views.node_form import FieldRow
from app.views.workflows import WorkflowDetail
from models.workspace import Role, Workspace
from tests.support.people import make_member

NODES = [
    {"id": "start", "kind": "start", "config": {"fields": [{"name": "plan"}]}},
    {"id": "decide", "kind": "condition", "config": {"cases": [{"id": "pro", "label": "Pro", "condition": "inputs.plan == 'pro'"}]}},
    {"id": "call", "kind": "http", "config": {"url": "https://example.com", "query": {"a": "1"}}},
    {"id": "ask", "kind": "approval"},
]
EDGES = [
    {"source": "start", "target": "decide"},
    {"source": "decide", "port": "pro", "target": "call"},
    {"source": "call", "target": "ask"},
]


@pytest.fixture
def flow(uow: UnitOfWork) -> WorkflowDetail:
    uow.actor = make_member(uow)
    return create_workflow(uow, name="Flow", spec={"nodes": NODES, "edges": EDGES})


def row(uow: UnitOfWork, flow: WorkflowDetail, node: str, name: str) -> FieldRow:
    return next(one for one in describe_node(uow, workflow_id=flow.id, node_id=node).rows if one.name == name)


def test_a_node_is_described_with_its_values_and_the_names_it_may_use(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    form = describe_node(uow, workflow_id=flow.id, node_id="call")
    assert (form.kind_title, form.can_edit) == ("HTTP request", True)
    assert row(uow, flow, "call", "url").text == "https://example.com"
    assert {"inputs.plan", "decide.case"} <= {variable["path"] for variable in form.variables}


def test_fields_that_do_not_apply_are_not_shown(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert "body_json" not in {one.name for one in describe_node(uow, workflow_id=flow.id, node_id="call").rows}


def test_an_absent_node_gives_an_empty_form(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert describe_node(uow, workflow_id=flow.id, node_id="gone").id == ""


def test_a_viewer_sees_the_form_as_read_only(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow, role=Role.VIEWER, workspace=uow.session.get_one(Workspace, uow.workspace_id))
    assert describe_node(uow, workflow_id=flow.id, node_id="call").can_edit is False


def test_a_foreign_workflow_is_not_found(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow)
    with pytest.raises(NotFound):
        describe_node(uow, workflow_id=flow.id, node_id="call")


def test_what_is_wrong_with_an_input_field_stands_at_its_cell(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    flow = create_workflow(uow, name="Flow", spec={"nodes": NODES, "edges": EDGES})
    wrong = {"op": "set_config", "id": "start", "path": ["fields"], "value": [{"name": "plan"}, {"name": "Not a name", "required": False}]}
    apply_operations(uow, workflow_id=str(flow.id), base_revision=1, client_key="tab_a:1", operations=[wrong])
    fields = row(uow, flow, "start", "fields")
    good, bad = fields.listed
    assert (good.error, good.hint, bad.hint) == ("", "Short text", "Short text, optional")
    assert bad.error.startswith("'name' must be small letters")
    assert {cell.name: cell.error for cell in bad.cells if cell.error} == {"name": bad.error}
    assert fields.error == ""  # it is told once


def test_what_no_single_cell_can_mend_is_told_above_the_form(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    flow = create_workflow(uow, name="Flow", spec={"nodes": NODES, "edges": EDGES})
    twice = {"op": "set_config", "id": "start", "path": ["fields"], "value": [{"name": "plan"}, {"name": "plan"}]}
    apply_operations(uow, workflow_id=str(flow.id), base_revision=1, client_key="tab_a:1", operations=[twice])
    form = describe_node(uow, workflow_id=flow.id, node_id="start")
    assert [one.field for one in form.problems if "'plan'" in one.message] == [""]
    assert [entry.error for entry in form.rows[0].listed] == ["", ""]


def test_every_wrong_reference_of_a_field_is_told_with_its_place(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    say = {"id": "say", "kind": "template", "config": {"text": "{{ inputs.nowhere }}\n{{ gone.text }}"}}
    flow = create_workflow(uow, name="Flow", spec={"nodes": [NODES[0], say], "edges": [{"source": "start", "target": "say"}]})
    text = row(uow, flow, "say", "text")
    told = text.error.split("\n")
    assert len(told) == 2
    assert "nowhere" in text.error
    assert "gone" in text.error
    assert sorted(text.spots) == [[1, 4], [2, 4]]


def test_what_is_wrong_with_code_is_told_with_its_line(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    sums = {"id": "sums", "kind": "code", "config": {"source": "x = pirce\ny = qty\nx", "inputs": {"price": 1}}}
    flow = create_workflow(uow, name="Flow", spec={"nodes": [NODES[0], sums], "edges": [{"source": "start", "target": "sums"}]})
    told = row(uow, flow, "sums", "source").error.split("\n")
    assert [line.partition(" in ")[0] for line in told] == ["Line 1: Nothing is called 'pirce'", "Line 2: Nothing is called 'qty'"]


def test_a_wrong_side_of_a_comparison_is_told_with_its_place(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    cases = [{"id": "pro", "label": "Pro", "condition": "inputs.plan == gone.plan"}]
    decide = {"id": "decide", "kind": "condition", "config": {"cases": cases}}
    flow = create_workflow(uow, name="Flow", spec={"nodes": [NODES[0], decide], "edges": [{"source": "start", "target": "decide"}]})
    fields = row(uow, flow, "decide", "cases")
    cell = next(cell for cell in fields.listed[0].cells if cell.name == "condition")
    assert "gone" in cell.error
    assert cell.spots == [[1, len("inputs.plan == ") + 1]]
    assert fields.error == ""


def test_a_field_of_the_start_tells_how_steps_refer_to_it_by_its_own_name(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    helps = {cell.name: cell.help for cell in row(uow, flow, "start", "fields").listed[0].cells}
    assert helps["name"] == "How steps refer to it: {{ inputs.plan }}."
    assert helps["default"] == "Used when nothing is filled in."
