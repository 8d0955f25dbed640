"""Runs tests on the workers, as the workflow stands now, with buttons pressed and steps stood in for as each test says."""

from collections.abc import Sequence
from typing import cast

from app.core.errors import Conflict, Invalid, NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.runs.testing import start_case
from app.services.workflow_tests.rows import read_case, tests_of, to_rows
from app.services.workflows import load_workflow
from app.views.workflow_tests import TestRow
from models.ids import parse_id


def run_tests(uow: UnitOfWork, *, workflow_id: object, test_ids: object = ()) -> tuple[TestRow, ...]:
    """Start the named tests, or all; each is a run of its own. Raises Invalid, naming the test, when one cannot be run."""
    require(uow, Permission.RUN)
    workflow = load_workflow(uow, workflow_id)
    known = tests_of(uow, workflow)
    named = cast("Sequence[object]", test_ids) if isinstance(test_ids, list | tuple) else (test_ids,)
    wanted = {parse_id(test_id) for test_id in named}
    chosen = [test for test in known if not wanted or test.id in wanted]
    if not known:
        raise Conflict("This workflow has no tests yet. Add one first.")
    if len(chosen) < len(wanted):
        raise NotFound("This test")
    for test in chosen:
        case = read_case(test.content)
        try:
            test.last_run_id = start_case(uow, workflow=workflow, inputs=case.inputs, setup=case.setup(), title=f"Test: {case.name}")
        except Invalid as error:
            raise Invalid(f"'{case.name}': {error.message}", fields=error.fields) from error
        test.judged = test.content
        uow.session.add(test)
    uow.session.flush()
    return to_rows(uow, chosen)
