"""The inspector: a node as a form."""

import pytest

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.inspector import describe_node
from app.services.workflows import create_workflow
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
