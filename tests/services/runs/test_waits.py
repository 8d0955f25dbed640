"""Work and waiting are told apart in the same way of a run, of its steps and in its trace."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.uow import Actor
from app.services.runs import get_run, get_step, list_runs, read_moments, start_run
from app.services.runs.tables import event_table
from app.views.trace import TraceFold
from app.views.words import work_and_wait
from app.wiring import Wiring
from models.workflow import Workflow
from tests.support.driving import drive
from tests.support.people import make_member
from tests.support.workflows import asking, make_workflow


@pytest.fixture
def actor(wiring: Wiring) -> Actor:
    """A member."""
    with wiring.unit() as uow:
        return make_member(uow)


def test_a_step_that_waits_for_a_person_tells_how_long(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={})
    drive(wiring, actor, row.id)
    with wiring.database.begin() as connection:  # the run began an hour earlier
        for event in connection.execute(sa.select(event_table).where(event_table.c.run_id == row.id)).all():
            where = sa.and_(event_table.c.run_id == row.id, event_table.c.seq == event.seq)
            connection.execute(sa.update(event_table).where(where).values(at=event.at - timedelta(hours=1)))
    detail = wiring.call(get_run, actor, run_id=row.id)
    step = next(step for step in detail.steps if step.node == "ask")
    assert 3_600_000 <= step.waited_ms < 7_200_000
    assert next(step for step in detail.steps if step.node == "start").waited_ms == 0
    assert wiring.call(get_step, actor, run_id=row.id, node="ask").row.waited_ms >= step.waited_ms


def test_the_trace_takes_waiting_out_of_the_work(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        row = start_run(uow, workflow_id=make_workflow(uow, asking(expires_s=0.01)).id, inputs={})
    drive(wiring, actor, row.id)
    fold = TraceFold()
    fold.take(wiring.call(read_moments, actor, run_id=row.id))
    span = next(span for span in fold.spans if span.node == "ask")
    step = wiring.call(get_step, actor, run_id=row.id, node="ask").row
    assert span.waited_ms == pytest.approx(step.waited_ms, abs=1)
    assert span.waited_ms > 0


@pytest.mark.parametrize(
    ("work", "wait", "told"),
    [(1400, 0, "1.4 s"), (1400, 120_000, "1.4 s + 2 min waiting"), (3, 120_000, "2 min waiting"), (None, 90_000, "1 min 30 s waiting")],
)
def test_work_and_waiting_are_never_added_up(work: float | None, wait: float, told: str) -> None:
    assert work_and_wait(work, wait) == told


def test_a_run_is_found_by_the_name_its_workflow_has_and_had(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        workflow = make_workflow(uow, asking(), name="Refunds")
        start_run(uow, workflow_id=workflow.id, inputs={})
        named = uow.session.get(Workflow, workflow.id)
        assert named is not None
        named.name = "Money back"
    for search in ("refunds", "money back"):
        (row,) = wiring.call(list_runs, actor, search=search).rows
        assert (row.title, row.title_then) == ("Money back", "Refunds")
