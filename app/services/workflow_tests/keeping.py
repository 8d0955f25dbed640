"""Keeping the tests of a workflow: list, save, copy, delete, and make one of what a run was given and gave."""

from app.core.errors import Conflict, Invalid, LimitReached
from app.core.permissions import Permission, may, require
from app.core.uow import UnitOfWork
from app.services.runs import get_run, get_run_form
from app.services.runs.inputs import check_inputs
from app.services.workflow_tests.rows import MAX_TESTS, dump_case, load_test, read_case, tests_of, to_rows
from app.services.workflows import load_workflow
from app.views.workflow_tests import TestRow, WorkflowTests
from engine.blueprint.cases import TestCase, expecting
from engine.json import JsonObject
from engine.nodes.registry import step_name
from models.workflow import Workflow
from models.workflow_test import WorkflowTest


def list_tests(uow: UnitOfWork, *, workflow_id: object) -> WorkflowTests:
    """All tests of a workflow with their last verdicts, and what a new one can be filled in with."""
    require(uow, Permission.VIEW)
    workflow = load_workflow(uow, workflow_id)
    return WorkflowTests(
        workflow_id=str(workflow.id),
        workflow_name=workflow.name,
        rows=to_rows(uow, tests_of(uow, workflow)),
        fields=tuple(get_run_form(uow, workflow_id=workflow.id)),
        approvals=tuple(_approvals(workflow)),
        can_edit=may(uow, Permission.EDIT, workflow),
        can_run=may(uow, Permission.RUN, workflow),
    )


def _approvals(workflow: Workflow) -> list[JsonObject]:
    """The approval steps of the draft with their buttons."""
    found: list[JsonObject] = []
    for node in workflow.draft.get("nodes") or []:
        if isinstance(node, dict) and node.get("kind") == "approval":
            buttons = (node.get("config") or {}).get("buttons") or [
                {"id": "approve", "label": "Approve"},
                {"id": "reject", "label": "Reject"},
            ]
            label = step_name(str(node.get("id", "")), "approval", node.get("label") or "")
            shown = [
                {"id": str(one.get("id", "")), "label": str(one.get("label") or one.get("id", ""))}
                for one in buttons
                if isinstance(one, dict)
            ]
            found.append({"id": str(node.get("id", "")), "label": str(label), "buttons": shown})
    return found


def save_test(uow: UnitOfWork, *, workflow_id: object, content: object, test_id: object = "") -> TestRow:
    """Add a test, or replace one. `content` is a test as blueprints write it."""
    require(uow, Permission.EDIT)
    workflow = load_workflow(uow, workflow_id)
    case = read_case(content)
    check_inputs(case.inputs)
    if not test_id:
        return to_rows(uow, [_add(uow, workflow, case)])[0]
    test = load_test(uow, test_id)
    if test.workflow_id != workflow.id:
        raise Conflict("This test belongs to another workflow.")
    test.content = dump_case(case)
    uow.session.add(test)
    uow.session.flush()
    return to_rows(uow, [test])[0]


def copy_test(uow: UnitOfWork, *, test_id: object, workflow_id: object = None) -> TestRow:
    """The same test once more, to vary it."""
    require(uow, Permission.EDIT)
    test = load_test(uow, test_id, workflow_id=workflow_id)
    case = read_case(test.content)
    copied = case.model_copy(update={"name": f"{case.name[:112]} (copy)"})
    return to_rows(uow, [_add(uow, load_workflow(uow, test.workflow_id), copied)])[0]


def delete_test(uow: UnitOfWork, *, test_id: object, workflow_id: object = None) -> None:
    """Remove a test; its runs stay."""
    require(uow, Permission.EDIT)
    uow.session.delete(load_test(uow, test_id, workflow_id=workflow_id))


def add_test_from_run(uow: UnitOfWork, *, run_id: object) -> TestRow:
    """A test with the inputs of a run that expects what the run gave: short values exactly, texts to be there."""
    require(uow, Permission.EDIT)
    run = get_run(uow, run_id=run_id)
    if run.row.workflow_id is None:
        raise Invalid("Only the run of a workflow can become a test.")
    if run.row.status not in ("succeeded", "failed"):
        raise Conflict("This run is not over yet. Wait for its end, then make a test of it.")
    answers = {card.node: card.button for card in run.approvals if card.status == "decided" and card.button and not card.iteration}
    has_succeeded = run.row.status == "succeeded"
    case = TestCase(
        name=f"Like the run of {run.row.created_at:%-d %b, %H:%M}",
        inputs=run.inputs,
        answers=answers,
        ends="succeeded" if has_succeeded else "failed",
        checks=expecting(run.output) if has_succeeded else (),
    )
    return to_rows(uow, [_add(uow, load_workflow(uow, run.row.workflow_id), case)])[0]


def _add(uow: UnitOfWork, workflow: Workflow, case: TestCase) -> WorkflowTest:
    known = tests_of(uow, workflow)
    if len(known) >= MAX_TESTS:
        raise LimitReached(f"A workflow has at most {MAX_TESTS} tests. Delete one first.")
    test = WorkflowTest(
        workspace_id=workflow.workspace_id,
        workflow_id=workflow.id,
        position=known[-1].position + 1 if known else 0,
        content=dump_case(case),
        created_by=uow.actor.user_id if uow.actor else None,
    )
    uow.session.add(test)
    uow.session.flush()
    return test
