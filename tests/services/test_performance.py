"""How workflows do in a period: counted by how runs ended, timed without waits, for those who may see them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.errors import Invalid
from app.core.uow import UnitOfWork
from app.services import performance, runs, sharing, workflows
from models.run import Run, RunStatus
from models.workspace import Role, Workspace
from tests.support.people import make_member
from tests.support.workflows import greeting, make_workflow

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
PERIOD = {"since": "2026-03-01", "until": "2026-03-31"}


def end(uow: UnitOfWork, workflow_id: object, status: RunStatus, *, seconds: float = 0.0, waited_s: float = 0.0, cost: int = 0) -> None:
    """A run that is over, as the journal leaves it."""
    run = uow.session.get_one(Run, runs.start_run(uow, workflow_id=workflow_id, inputs={"name": "Mia"}).id)
    run.status, run.created_at, run.started_at = status, NOON, NOON
    run.finished_at, run.waited_ms, run.cost_micros = NOON + timedelta(seconds=seconds), waited_s * 1000, cost
    uow.session.add(run)
    uow.session.flush()


def test_runs_are_counted_timed_and_priced_by_workflow_and_day(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    workflow = make_workflow(uow).id
    for second in range(1, 21):
        end(uow, workflow, RunStatus.SUCCEEDED, seconds=second + 5, waited_s=5, cost=10)
    end(uow, workflow, RunStatus.FAILED, seconds=90, cost=7)
    end(uow, make_workflow(uow, name="Other").id, RunStatus.CANCELLED)
    runs.start_run(uow, workflow_id=workflow, inputs={"name": "Mia"})
    told = performance.get_performance(uow, **PERIOD)
    busy, other = told.workflows
    figures = busy.figures
    assert (figures.runs, figures.succeeded, figures.failed, figures.cost_micros) == (21, 20, 1, 207)
    assert (figures.median_ms, figures.p95_ms) == (10_000, 19_000)
    assert (other.figures.cancelled, other.figures.median_ms) == (1, None)
    assert (told.total.runs, [day.figures.runs for day in told.days], told.is_partial) == (22, [22], False)


def test_what_is_not_shared_is_not_counted_and_other_days_are_left_out(uow: UnitOfWork) -> None:
    uow.actor = maker = make_member(uow)
    workflow = workflows.create_workflow(uow, name="Payroll", spec=greeting()).id
    end(uow, workflow, RunStatus.SUCCEEDED)
    sharing.change_sharing(uow, kind="workflow", thing_id=str(workflow), everyone="private")
    assert performance.get_performance(uow, since="2000-01-01", until="2000-01-31").total.runs == 0
    uow.actor = make_member(uow, Role.MEMBER, workspace=uow.session.get(Workspace, maker.workspace_id))
    assert performance.get_performance(uow, **PERIOD).total.runs == 0
    with pytest.raises(Invalid, match="no day"):
        performance.get_performance(uow, since="soon")
