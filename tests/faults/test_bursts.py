"""Many runs at once on few places, and a worker without memory: nothing is lost, nobody starves, and what dies is replaced."""

import resource

import psutil
import pytest
import sqlalchemy as sa

from app.core.uow import Actor
from app.services.runs import start_run
from app.services.runs.tables import run_table
from app.wiring import Wiring
from tests.support.called import Service, calling
from tests.support.invariants import check_invariants, statuses
from tests.support.people import make_member
from tests.support.waiting import until
from tests.support.workers import OVER, WorkerProcess, worker
from tests.support.workflows import make_workflow, node, spec_of

LARGE, SMALL = 400, 100


@pytest.mark.long
def test_five_hundred_runs_of_two_workspaces_on_two_workers(wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    called.delay_s = 0.1
    with wiring.unit() as uow:
        other = make_member(uow)
    for who, count in ((actor, LARGE), (other, SMALL)):
        with wiring.unit(who) as uow:
            workflow_id = make_workflow(uow, calling(url, "a", "b")).id
            for _ in range(count):
                start_run(uow, workflow_id=workflow_id, inputs={})
    room = {"AF_WORKER_CONCURRENCY": "8", "AF_LEASE_S": "30"}  # no lease is to run out here, however busy the machine
    with worker(wiring.settings, **room), worker(wiring.settings, **room):
        until(lambda: set(statuses(wiring).values()) <= set(OVER), timeout_s=300, what="the end of all")
    with wiring.database.connect() as connection:
        ended = connection.execute(sa.select(run_table.c.workspace_id, run_table.c.status).order_by(run_table.c.finished_at)).all()
    assert {row.status for row in ended} == {"succeeded"}
    assert called.calls == {"a": LARGE + SMALL, "b": LARGE + SMALL}
    last = max(place for place, row in enumerate(ended) if row.workspace_id == other.workspace_id)
    assert last < LARGE + SMALL - LARGE // 4, "the small workspace waited for the large one"
    check_invariants(wiring)


def test_a_worker_without_memory_hurts_its_runs_at_most(wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    called.delay_s = 0.1
    heavy = spec_of(
        node("start", "start"),
        node("each", "map", items=list(range(30)), parallel=30),
        node("make", "code", source="'x' * 900000", parent="each"),
        node("end", "end", output="{{ each.count }}"),
        edges="start>each each>end",
    )
    with worker(wiring.settings) as starved:
        with wiring.unit(actor) as uow:
            plain, large = make_workflow(uow, calling(url, "a", "b")).id, make_workflow(uow, heavy).id
            light = [start_run(uow, workflow_id=plain, inputs={}).id for _ in range(4)]
            for _ in range(4):
                start_run(uow, workflow_id=large, inputs={})
        until(lambda: called.calls["a"], what="the first call")
        used = psutil.Process(starved.pid).memory_info().vms
        resource.prlimit(starved.pid, resource.RLIMIT_AS, (used + 20_000_000, used + 20_000_000))
        replaced = WorkerProcess(wiring.settings)
        try:
            until(lambda: set(statuses(wiring).values()) <= set(OVER), timeout_s=120, what="the end of all")
            ended = statuses(wiring)
        finally:
            replaced.kill()
    assert [ended[run_id] for run_id in light] == ["succeeded"] * 4
    check_invariants(wiring)
