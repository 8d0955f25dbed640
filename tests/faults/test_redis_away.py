"""Redis emptied, killed and restarted in the middle of runs: nothing is lost and nothing happens twice."""

import redis

from app.core.uow import Actor
from app.services.runs import start_run
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from tests.support.called import Service, calling
from tests.support.invariants import check_invariants
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow


def test_losing_every_key_in_the_middle_loses_nothing(mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey) -> None:
    called, url = service
    called.delay_s = 0.3
    with worker(mine.settings, AF_WORKER_CONCURRENCY="2") as process:
        with mine.unit(actor) as uow:
            workflow = make_workflow(uow, calling(url, "a", "b"))
            rows = [start_run(uow, workflow_id=workflow.id, inputs={}) for _ in range(8)]
        until(lambda: called.calls["a"], what="the first call")
        with redis.Redis(unix_socket_path=str(valkey.socket_path)) as client:
            client.flushall()
        for row in rows:
            assert wait_for(mine, actor, row.id).status == "succeeded", process.log
    assert called.calls == {"a": 8, "b": 8}
    check_invariants(mine, [row.id for row in rows])


def test_runs_go_on_and_start_while_redis_is_dead(mine: Wiring, actor: Actor, service: Service, valkey: EmbeddedValkey) -> None:
    called, url = service
    called.delay_s = 0.5
    with worker(mine.settings) as process:
        with mine.unit(actor) as uow:
            workflow_id = make_workflow(uow, calling(url, "a", "b")).id
            before = start_run(uow, workflow_id=workflow_id, inputs={})
        until(lambda: called.calls["a"], what="the first call")
        valkey.stop()
        with mine.unit(actor) as uow:
            during = start_run(uow, workflow_id=workflow_id, inputs={})
        for row in (before, during):
            assert wait_for(mine, actor, row.id).status == "succeeded", process.log
        valkey.start()
        with mine.unit(actor) as uow:
            after = start_run(uow, workflow_id=workflow_id, inputs={})
        assert wait_for(mine, actor, after.id).status == "succeeded", process.log
        assert "Traceback" not in process.log
    assert called.calls == {"a": 3, "b": 3}
    check_invariants(mine, [before.id, during.id, after.id])
