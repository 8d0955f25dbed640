"""Work and waiting are told apart in the same way of a run, of its steps and in its trace."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.uow import Actor
from app.services.runs import get_step, list_runs, read_moments, start_run
from app.services.runs.waits import Waits
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


def test_a_wait_that_goes_on_counts_until_now() -> None:
    began = datetime(2026, 1, 1, tzinfo=UTC)
    assert Waits(over_ms=1000.0, since=began).until(began + timedelta(hours=1)) == 3_601_000
    assert Waits(over_ms=1000.0).until(began) == 1000


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
