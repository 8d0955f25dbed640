"""One workspace's burst must not keep another's single run waiting until all of it is through."""

import uuid

import pytest

from app.core.uow import Actor
from app.services.runs import start_run
from app.wiring import Wiring
from tests.support.called import CalledService, calling
from tests.support.invariants import check_invariants
from tests.support.people import make_member
from tests.support.slow_http import serve
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow

BURST = 24


def begin(wiring: Wiring, actor: Actor, url: str, count: int) -> list[uuid.UUID]:
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, calling(url, "a")).id
        return [start_run(uow, workflow_id=workflow_id, inputs={}).id for _ in range(count)]


@pytest.mark.parametrize(("places", "delay_s"), [(4, 0.4), (1, 0.05)])
def test_a_single_run_overtakes_another_workspaces_burst(wiring: Wiring, places: int, delay_s: float) -> None:
    with wiring.unit() as uow:
        busy, calm = make_member(uow), make_member(uow)
    called = CalledService()
    called.delay_s = delay_s
    with serve({"/{name}": called.answer}) as server:
        burst = begin(wiring, busy, server.url, BURST)
        (single,) = begin(wiring, calm, server.url, 1)
        with worker(wiring.settings, AF_WORKER_CONCURRENCY=str(places)):
            overtaker = wait_for(wiring, calm, single)
            overtaken = [wait_for(wiring, busy, run_id) for run_id in burst]
    assert {row.status for row in (overtaker, *overtaken)} == {"succeeded"}
    later = [row for row in overtaken if row.started_at and overtaker.started_at and row.started_at > overtaker.started_at]
    assert len(later) > BURST // 2
    assert called.calls == {"a": BURST + 1}
    check_invariants(wiring, [*burst, single])
