"""The inspector: a node as a form, and changes of the form as operations that the editor saves."""

from typing import Any

import pytest

from app.core.errors import Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.inspector import change_entry, change_field, change_policy, describe_node
from app.services.workflows import apply_operations, create_workflow, get_workflow
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


def entry(uow: UnitOfWork, flow: WorkflowDetail, node: str, name: str, action: str, index: object = -1, **more: Any) -> Any:
    operations = change_entry(uow, workflow_id=flow.id, node_id=node, name=name, action=action, index=index, **more)
    return operations[0].get("value")


def test_a_node_is_described_with_its_values_and_the_names_it_may_use(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    form = describe_node(uow, workflow_id=flow.id, node_id="call")
    assert (form.kind_title, form.can_edit) == ("HTTP request", True)
    assert row(uow, flow, "call", "url").text == "https://example.com"
    assert {"inputs.plan", "decide.case"} <= {variable["path"] for variable in form.variables}


def test_fields_that_do_not_apply_are_not_shown(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert "body_json" not in {one.name for one in describe_node(uow, workflow_id=flow.id, node_id="call").rows}


def test_a_simple_condition_is_shown_as_rows(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    cell = next(one for one in row(uow, flow, "decide", "cases").listed[0].cells if one.name == "condition")
    assert [(part.left, part.operator, part.right) for part in cell.parts] == [("inputs.plan", "==", "pro")]


def test_an_absent_node_gives_an_empty_form(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert describe_node(uow, workflow_id=flow.id, node_id="gone").id == ""


def test_an_edit_is_an_operation_the_editor_can_save(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    operations = change_field(uow, workflow_id=flow.id, node_id="call", name="url", text="https://example.org/{{ inputs.plan }}")
    apply_operations(uow, workflow_id=flow.id, base_revision=1, client_key="inspector:1", operations=operations)
    nodes = get_workflow(uow, workflow_id=flow.id).definition["nodes"]
    assert next(node for node in nodes if node["id"] == "call")["config"]["url"] == "https://example.org/{{ inputs.plan }}"


def test_going_back_to_the_default_unsets_the_field(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert change_field(uow, workflow_id=flow.id, node_id="call", name="expect", text="2xx")[0]["unset"] is True


def test_a_number_out_of_range_names_its_field(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    with pytest.raises(Invalid) as refused:
        change_field(uow, workflow_id=flow.id, node_id="call", name="timeout_s", text="100000")
    assert refused.value.fields == {"timeout_s": "From 0 to 300."}


def test_cases_are_added_edited_moved_and_removed(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    added = entry(uow, flow, "decide", "cases", "add")
    assert [case["id"] for case in added] == ["pro", "case_2"]
    assert entry(uow, flow, "decide", "cases", "cell", 0, cell="label", text="Paying")[0]["label"] == "Paying"
    assert entry(uow, flow, "decide", "cases", "down", 0)[0]["id"] == "pro"
    assert entry(uow, flow, "decide", "cases", "remove", 0) == []


def test_condition_rows_write_liquid(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    change = {"row": 0, "part": "right", "text": "team", "paths": []}
    assert entry(uow, flow, "decide", "cases", "condition", 0, cell="condition", text=change)[0]["condition"] == "inputs.plan == 'team'"
    more = {"row": -1, "part": "add", "text": "inputs.age", "paths": []}
    assert entry(uow, flow, "decide", "cases", "condition", 0, cell="condition", text=more)[0]["condition"].endswith("and inputs.age == ''")


def test_pairs_keep_their_order_when_renamed(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert entry(uow, flow, "call", "query", "cell", 0, cell="key", text="b") == {"b": "1"}
    assert entry(uow, flow, "call", "query", "add") == {"a": "1", "name_1": ""}
    with pytest.raises(Invalid):
        entry(uow, flow, "call", "query", "cell", 0, cell="key", text=" ")


def test_a_new_button_has_a_port_of_its_own(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    assert [button["id"] for button in entry(uow, flow, "ask", "buttons", "add")] == ["approve", "reject", "button_3"]


def test_policies_become_operations(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    def change(name: str, text: str) -> Any:
        return change_policy(uow, workflow_id=flow.id, node_id="call", name=name, text=text)[0]["value"]

    assert change("attempts", "3")["attempts"] == 3
    assert change("on_error", "default")["action"] == "default"
    assert change("default", '{"a": 1}')["default"] == {"a": 1}
    assert change("join", "count") == 2
    assert change("timeout_s", "") is None
    with pytest.raises(Invalid):
        change("attempts", "many")


@pytest.mark.parametrize(
    "forged",
    [{"name": "nope"}, {"name": ["x"]}, {"name": "cases", "index": "0"}, {"name": "cases", "index": True}, {"name": "cases", "index": 99}],
)
def test_forged_payloads_are_refused(uow: UnitOfWork, flow: WorkflowDetail, forged: dict[str, Any]) -> None:
    with pytest.raises((Invalid, NotFound)):
        change_entry(uow, workflow_id=flow.id, node_id="decide", action="remove", **{"name": "cases", **forged})


def test_a_viewer_sees_the_form_but_changes_nothing(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow, role=Role.VIEWER, workspace=uow.session.get_one(Workspace, uow.workspace_id))
    assert describe_node(uow, workflow_id=flow.id, node_id="call").can_edit is False
    with pytest.raises(NotAllowed):
        change_field(uow, workflow_id=flow.id, node_id="call", name="url", text="x")


def test_a_foreign_workflow_is_not_found(uow: UnitOfWork, flow: WorkflowDetail) -> None:
    uow.actor = make_member(uow)
    with pytest.raises(NotFound):
        describe_node(uow, workflow_id=flow.id, node_id="call")
