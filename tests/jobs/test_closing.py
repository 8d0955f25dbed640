"""The watch over deleted workspaces in each worker: runs are stopped within a look, and what is due is destroyed."""

from datetime import timedelta

import pytest

from app.jobs.closing import ClosingWatch
from app.services.closing.purging import STRAYS
from app.services.runs import start_run
from app.services.runs.claim import claim_runs
from app.wiring import Wiring
from models.run import Run
from models.workspace import Role, Workspace
from tests.support.clock import FrozenClock
from tests.support.deleting import delete, sign_in
from tests.support.people import make_member
from tests.support.workflows import asking, make_workflow


@pytest.mark.parametrize("looks_before", [0, 1])
def test_a_look_stops_runs_and_another_one_after_the_grace_destroys_the_workspace(
    wiring: Wiring, clock: FrozenClock, looks_before: int
) -> None:
    watch = ClosingWatch(wiring)
    for _ in range(looks_before):
        assert watch.look() == 0
    with wiring.unit() as uow:
        uow.actor = owner = sign_in(uow, make_member(uow, Role.OWNER))[0]
        run_id = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={}).id
    delete(wiring, owner)
    assert watch.look() == 1
    with wiring.unit() as uow:
        assert uow.session.get_one(Run, run_id).status == "cancelled"
    assert watch.look() == 0
    clock.advance(seconds=timedelta(days=14, seconds=1).total_seconds())
    assert watch.look() > 0
    with wiring.unit() as uow:
        assert uow.session.get(Workspace, owner.workspace_id) is None
    assert watch.look() == 0


def test_all_runs_are_stopped_in_one_look_however_many(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = sign_in(uow, make_member(uow, Role.OWNER))[0]
        workflow_id = make_workflow(uow, asking()).id
        ids = [start_run(uow, workflow_id=workflow_id, inputs={}).id for _ in range(STRAYS + 10)]
    delete(wiring, owner)
    assert ClosingWatch(wiring, budget_s=600).look() == len(ids)
    with wiring.unit() as uow:
        assert {uow.session.get_one(Run, one).status for one in ids} == {"cancelled"}


def test_a_queued_run_of_a_deleted_workspace_is_not_begun(wiring: Wiring) -> None:
    with wiring.unit() as uow:
        uow.actor = owner = sign_in(uow, make_member(uow, Role.OWNER))[0]
        run_id = start_run(uow, workflow_id=make_workflow(uow, asking()).id, inputs={}).id
    delete(wiring, owner)
    with wiring.database.begin() as connection:
        assert claim_runs(connection, [run_id], owner="worker", lease_s=30) == []


def test_a_workspace_is_looked_at_again_and_again_whatever_clock_closed_it(wiring: Wiring, clock: FrozenClock) -> None:
    watch = ClosingWatch(wiring)
    watch.look()
    with wiring.unit() as uow:
        uow.actor = owner = sign_in(uow, make_member(uow, Role.OWNER))[0]
        workflow_id = make_workflow(uow, asking()).id
    delete(wiring, owner)
    watch.look()
    clock.advance(hours=3)  # as if another machine's clock were late
    with wiring.unit(owner) as uow:
        start_run(uow, workflow_id=workflow_id, inputs={})
    assert watch.look() == 1
