"""A test that comes to a question nobody answers ends there; what real runs ask stays open."""

from app.services.home import shell_view
from app.services.runs import get_run, start_test_run
from app.services.runs.unanswered import end_unanswered, has_unanswered
from app.services.workflow_tests import list_tests, run_tests, save_test
from app.services.workflows import create_workflow
from app.wiring import Wiring
from models.ids import parse_id
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.workflows import asking

CASE = {"name": "One", "inputs": {}, "checks": []}


def test_a_test_that_waits_for_a_person_ends_there_and_asks_nobody(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        actor = make_member(uow)
    with wiring.unit(actor) as uow:
        workflow_id = str(create_workflow(uow, name="Ask", spec=asking()).id)
        save_test(uow, workflow_id=workflow_id, content=CASE)
        save_test(uow, workflow_id=workflow_id, content={**CASE, "name": "Two", "ends": "waiting"})
        tested = [row.run_id for row in run_tests(uow, workflow_id=workflow_id)]
        real = str(start_test_run(uow, workflow_id=workflow_id, inputs={}).id)
    for run_id in (*tested, real):
        parsed = parse_id(run_id)
        assert parsed is not None
        assert drive(wiring, actor, parsed).row.status == "waiting"
    assert wiring.call(shell_view, actor).pending_approvals == 3
    with wiring.database.begin() as connection:
        assert has_unanswered(connection)
        assert {str(run_id) for run_id in end_unanswered(connection, hooks={})} == set(tested)
        assert not has_unanswered(connection)
    assert wiring.call(shell_view, actor).pending_approvals == 1
    assert wiring.call(get_run, actor, run_id=real).row.status == "waiting"
    rows = wiring.call(list_tests, actor, workflow_id=workflow_id).rows
    assert [row.verdict for row in rows] == ["failed", "passed"]
    assert [(result.wanted, result.found) for result in rows[0].results] == [("it succeeds", "it waits for a person")]
