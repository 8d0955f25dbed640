"""Tests in blueprints: what an export writes and an import brings. Steps of the blueprint services, which have asked permission."""

from collections.abc import Sequence

from app.core.uow import UnitOfWork
from app.services.workflow_tests.rows import MAX_TESTS, dump_case, tests_of
from engine.blueprint.cases import TestCase
from models.workflow import Workflow
from models.workflow_test import WorkflowTest


def read_cases(uow: UnitOfWork, *, workflow: Workflow) -> list[TestCase]:
    """The tests of a workflow, in order."""
    return [TestCase.model_validate(test.content) for test in tests_of(uow, workflow)]


def add_missing_tests(uow: UnitOfWork, *, workflow: Workflow, cases: Sequence[TestCase]) -> None:
    """Store those that no test here is named like: an update never changes what people wrote."""
    known = {case.name for case in read_cases(uow, workflow=workflow)}
    bring_tests(uow, workflow=workflow, cases=[case for case in cases if case.name not in known][: max(0, MAX_TESTS - len(known))])


def bring_tests(uow: UnitOfWork, *, workflow: Workflow, cases: Sequence[TestCase]) -> int:
    """Store the tests that came with a workflow; returns how many did not fit any more."""
    for position, case in enumerate(cases[:MAX_TESTS]):
        uow.session.add(
            WorkflowTest(
                workspace_id=workflow.workspace_id,
                workflow_id=workflow.id,
                position=position,
                content=dump_case(case),
                created_by=uow.actor.user_id if uow.actor else None,
            )
        )
    uow.session.flush()
    return max(0, len(cases) - MAX_TESTS)
