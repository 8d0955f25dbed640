"""Rows of tests: loading them, reading their content, and judging the run that each had last."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlmodel import col

from app.core.errors import Invalid, NotFound
from app.core.uow import UnitOfWork
from app.services.runs.testing import read_ended
from app.services.workflow_tests.standing import changed_plans
from app.views.workflow_tests import TestResult, TestRow
from engine.blueprint.cases import TestCase, judge
from engine.json import JsonObject
from engine.spec.explain import explain
from models.ids import parse_id
from models.run import TERMINAL, Approval, RunStatus
from models.workflow import Workflow
from models.workflow_test import WorkflowTest

MAX_TESTS = 200


def load_test(uow: UnitOfWork, test_id: object, *, workflow_id: object = None) -> WorkflowTest:
    """A test of the actor's workspace, and if one is named of this workflow."""
    test = uow.load(WorkflowTest, parse_id(test_id), what="This test")
    if workflow_id is not None and test.workflow_id != parse_id(workflow_id):
        raise NotFound("This test")
    return test


def tests_of(uow: UnitOfWork, workflow: Workflow) -> list[WorkflowTest]:
    """In their order."""
    query = uow.scoped(WorkflowTest).where(WorkflowTest.workflow_id == workflow.id)
    return list(uow.session.exec(query.order_by(col(WorkflowTest.position), col(WorkflowTest.id))).all())


def read_case(content: object) -> TestCase:
    """The content as a test; raises Invalid naming each wrong field."""
    if not isinstance(content, dict):
        raise Invalid("A test is an object with name, inputs and checks.", fields={"test": "Give an object."})
    try:
        return TestCase.model_validate(content)
    except ValidationError as error:
        problems = explain(error, TestCase)
        fields: dict[str, str] = {}
        for problem in problems:
            fields.setdefault(problem.field or "test", f"{problem.message} {problem.remedy}".strip())
        raise Invalid(next(iter(fields.values())), fields=fields) from error


def dump_case(case: TestCase) -> JsonObject:
    """As it is stored and written into blueprints."""
    return {"name": case.name, **case.model_dump(mode="json", exclude_defaults=True)}


def to_rows(uow: UnitOfWork, tests: Sequence[WorkflowTest]) -> tuple[TestRow, ...]:
    """Views with verdicts, each judged against its workflow as it stands now."""
    runs = read_ended(uow, [test.last_run_id for test in tests if test.last_run_id is not None])
    changed = _changed(uow, tests, runs)
    asking = _waiting_for_people(uow, [run_id for run_id, run in runs.items() if run.status in (RunStatus.WAITING, RunStatus.CANCELLED)])
    return tuple(
        _row(
            test,
            runs.get(test.last_run_id) if test.last_run_id else None,
            is_asking=test.last_run_id in asking,
            has_moved_on=test.last_run_id in changed,
        )
        for test in tests
    )


def _changed(uow: UnitOfWork, tests: Sequence[WorkflowTest], runs: Mapping[Any, Any]) -> set[Any]:
    """The last runs that were of a workflow, or of agents, which have been changed since."""
    ended: dict[Any, list[Any]] = {}
    for test in tests:
        if test.last_run_id in runs:
            ended.setdefault(test.workflow_id, []).append(runs[test.last_run_id])
    found: set[Any] = set()
    for workflow_id, of_workflow in ended.items():
        changed = changed_plans(uow, workflow_id, {run.plan_id for run in of_workflow})
        found |= {run.id for run in of_workflow if run.plan_id in changed}
    return found


def _row(test: WorkflowTest, run: Any, *, is_asking: bool, has_moved_on: bool) -> TestRow:
    row = TestRow(id=str(test.id), name=str(test.content.get("name", "")), content=test.content, verdict="never")
    if run is None:
        return row
    row = replace(row, run_id=str(test.last_run_id), ran_at=run.created_at)
    if RunStatus(run.status) not in TERMINAL and not is_asking:
        return replace(row, verdict="running")
    error = str((run.error or {}).get("message", ""))
    status = RunStatus.WAITING if is_asking else run.status
    results = judge(TestCase.model_validate(test.judged or test.content), status=str(status), output=run.output, error=error)
    took = (run.finished_at - run.started_at).total_seconds() * 1000 if run.finished_at and run.started_at else None
    return replace(
        row,
        verdict="passed" if all(result.has_passed for result in results) else "failed",
        results=tuple(TestResult(**asdict(result)) for result in results),
        duration_ms=took,
        is_outdated=has_moved_on or (test.judged is not None and test.judged != test.content),
    )


def _waiting_for_people(uow: UnitOfWork, run_ids: Sequence[Any]) -> set[Any]:
    """Those that came to an approval which the test does not answer; the dispatcher ends them there."""
    if not run_ids:
        return set()
    query = sa.select(col(Approval.run_id)).where(col(Approval.run_id).in_(run_ids), col(Approval.status).in_(("pending", "cancelled")))
    return set(uow.session.connection().execute(query).scalars())
