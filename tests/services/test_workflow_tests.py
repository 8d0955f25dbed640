"""Tests of workflows as services: kept, made of runs, run on the queue, judged, carried by blueprints; each refusal."""

from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.uow import UnitOfWork
from app.services.blueprints import export_workflow, import_blueprint
from app.services.runs.journal import append_events
from app.services.templates import create_from_template, read_template
from app.services.workflow_tests import add_test_from_run, copy_test, delete_test, list_tests, run_tests, save_test
from app.services.workflows import create_workflow, delete_workflow
from app.views.workflow_tests import TestRow
from engine.blueprint.codec import decode
from engine.json import JsonValue
from engine.run.events import EventType, JournalEvent
from engine.spec.workflow import EdgeSpec, NodeSpec, WorkflowSpec
from models.base import utc_now
from models.ids import parse_id
from models.run import Plan, Run
from models.workspace import Role
from tests.support.people import make_member

SPEC = WorkflowSpec(
    nodes=(
        NodeSpec(id="start", kind="start", config={"fields": [{"name": "n", "type": "integer"}]}),
        NodeSpec(id="ok", kind="approval", config={"title": "Fine?"}),
        NodeSpec(id="end", kind="end", config={"output": {"n": "{{ inputs.n }}"}}),
    ),
    edges=(EdgeSpec(source="start", target="ok"), EdgeSpec(source="ok", port="approve", target="end")),
)
CASE: dict[str, Any] = {
    "name": "One",
    "inputs": {"n": 1},
    "answers": {"ok": "approve"},
    "checks": [{"at": "n", "rule": "equals", "value": 1}],
}


@pytest.fixture
def member(uow: UnitOfWork) -> UnitOfWork:
    """A unit of work whose actor is a member."""
    uow.actor = make_member(uow)
    return uow


@pytest.fixture
def workflow_id(member: UnitOfWork) -> str:
    """A workflow with a question to a person."""
    return str(create_workflow(member, name="Ask", spec=SPEC).id)


def end(uow: UnitOfWork, row: TestRow, output: JsonValue, kind: EventType = EventType.RUN_SUCCEEDED) -> None:
    """End the run of a test as its worker would."""
    run_id = parse_id(row.run_id)
    assert run_id is not None
    uow.session.flush()
    data: dict[str, Any] = {"output": output} if kind is EventType.RUN_SUCCEEDED else {"error": {"message": "No.", "code": "x"}}
    append_events(uow.session.connection(), run_id, uow.workspace_id, [JournalEvent(kind, utc_now(), data=data)], hooks={})
    uow.session.expire_all()


def verdicts(uow: UnitOfWork, workflow_id: str) -> list[str]:
    return [row.verdict for row in list_tests(uow, workflow_id=workflow_id).rows]


def test_a_test_is_run_with_its_inputs_and_its_answers_and_judged(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    assert verdicts(member, workflow_id) == ["never"]
    (started,) = run_tests(member, workflow_id=workflow_id)
    run = member.session.get(Run, parse_id(started.run_id))
    assert run is not None
    assert (run.inputs, run.trigger, run.title, started.verdict) == ({"n": 1}, "test", "Test: One", "running")
    plan = member.session.get(Plan, run.plan_id)
    assert plan is not None
    assert plan.content["setup"]["pins"]["ok"]["port"] == "approve"
    end(member, started, {"n": 1})
    assert verdicts(member, workflow_id) == ["passed"]
    (again,) = run_tests(member, workflow_id=workflow_id, test_ids=[saved.id])
    end(member, again, {"n": 2})
    (row,) = list_tests(member, workflow_id=workflow_id).rows
    assert (row.verdict, [(result.what, result.wanted, result.found) for result in row.results if not result.has_passed]) == (
        "failed",
        [("n is exactly", "1", "2")],
    )


def test_an_edited_test_keeps_its_verdict_and_says_that_it_is_of_before(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    (started,) = run_tests(member, workflow_id=workflow_id)
    end(member, started, {"n": 1})
    edited = save_test(member, workflow_id=workflow_id, test_id=saved.id, content={**CASE, "checks": []})
    assert (edited.verdict, edited.is_outdated) == ("passed", True)


def test_a_run_that_fails_is_what_a_test_may_expect(member: UnitOfWork, workflow_id: str) -> None:
    save_test(member, workflow_id=workflow_id, content={**CASE, "ends": "failed", "checks": []})
    (started,) = run_tests(member, workflow_id=workflow_id)
    end(member, started, None, EventType.RUN_FAILED)
    assert verdicts(member, workflow_id) == ["passed"]


def test_a_past_run_becomes_a_test_of_what_it_gave(member: UnitOfWork, workflow_id: str) -> None:
    save_test(member, workflow_id=workflow_id, content=CASE)
    (started,) = run_tests(member, workflow_id=workflow_id)
    with pytest.raises(Conflict, match="not over yet"):
        add_test_from_run(member, run_id=started.run_id)
    end(member, started, {"n": 1, "words": "something long that a model wrote, never twice the same"})
    made = add_test_from_run(member, run_id=started.run_id)
    assert made.content["inputs"] == {"n": 1}
    assert made.content["checks"] == [{"at": "n", "rule": "equals", "value": 1}, {"at": "words", "rule": "present"}]


def test_tests_travel_with_the_blueprint(member: UnitOfWork, workflow_id: str) -> None:
    save_test(member, workflow_id=workflow_id, content=CASE)
    text = export_workflow(member, workflow_id=workflow_id).text
    (test,) = decode(text).tests
    assert (test.name, test.answers, test.checks[0].rule) == ("One", {"ok": "approve"}, "equals")
    (made,) = import_blueprint(member, text=text).workflows
    assert [row.content for row in list_tests(member, workflow_id=made.id).rows] == [{**CASE}]


def test_a_template_brings_its_tests(member: UnitOfWork) -> None:
    (made,) = create_from_template(member, key="customer_triage").workflows
    names = [row.name for row in list_tests(member, workflow_id=made.id).rows]
    assert names == [test.name for test in read_template("customer_triage").tests]


def test_tests_are_copied_and_deleted(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    copied = copy_test(member, test_id=saved.id)
    assert copied.name == "One (copy)"
    delete_test(member, test_id=saved.id)
    assert [row.id for row in list_tests(member, workflow_id=workflow_id).rows] == [copied.id]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"checks": [{"at": "a b", "rule": "equals"}]}, "checks.0.at"),
        ({"checks": [{"at": "a", "rule": "like"}]}, "checks.0.rule"),
        ({"ends": "somehow"}, "ends"),
        ({"answers": {"No Node": "x"}}, "answers.No Node.[key]"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_test_is_refused_at_its_field(member: UnitOfWork, workflow_id: str, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_test(member, workflow_id=workflow_id, content={**CASE, **changes})
    assert [name for name in refused.value.fields if name.split(".")[0] == field.split(".")[0]], refused.value.fields
    assert list_tests(member, workflow_id=workflow_id).rows == ()


@pytest.mark.parametrize("content", [None, [], "x", 5, {"inputs": []}])
def test_nonsense_is_refused(member: UnitOfWork, workflow_id: str, content: Any) -> None:
    with pytest.raises(Invalid):
        save_test(member, workflow_id=workflow_id, content=content)


def test_inputs_that_do_not_fit_name_the_test(member: UnitOfWork, workflow_id: str) -> None:
    save_test(member, workflow_id=workflow_id, content={**CASE, "inputs": {"n": "many"}})
    with pytest.raises(Invalid, match="'One'"):
        run_tests(member, workflow_id=workflow_id)


def test_there_must_be_something_to_run(member: UnitOfWork, workflow_id: str) -> None:
    with pytest.raises(Conflict):
        run_tests(member, workflow_id=workflow_id)
    save_test(member, workflow_id=workflow_id, content=CASE)
    with pytest.raises(NotFound):
        run_tests(member, workflow_id=workflow_id, test_ids=["nope"])


def test_a_viewer_reads_tests_and_nothing_else_and_strangers_see_none(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    mine = member.actor
    assert mine is not None
    member.actor = replace(mine, role=Role.VIEWER)
    found = list_tests(member, workflow_id=workflow_id)
    assert (len(found.rows), found.can_edit, found.can_run) == (1, False, False)
    for refused in (lambda: run_tests(member, workflow_id=workflow_id), lambda: delete_test(member, test_id=saved.id)):
        with pytest.raises(NotAllowed):
            refused()
    member.actor = make_member(member)
    for foreign in (lambda: list_tests(member, workflow_id=workflow_id), lambda: copy_test(member, test_id=saved.id)):
        with pytest.raises(NotFound):
            foreign()


def test_a_test_of_another_workflow_is_not_overwritten(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    other = create_workflow(member, name="Other", spec=SPEC)
    with pytest.raises(Conflict):
        save_test(member, workflow_id=other.id, test_id=saved.id, content=CASE)


def test_the_tests_of_a_deleted_workflow_are_gone_with_it(member: UnitOfWork, workflow_id: str) -> None:
    saved = save_test(member, workflow_id=workflow_id, content=CASE)
    delete_workflow(member, workflow_id=workflow_id)
    with pytest.raises(NotFound):
        copy_test(member, test_id=saved.id)
