"""Connections to Redis and to services cut in the middle: runs go on, and a cut call is a clear failure or is tried again."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.core.uow import Actor
from app.services.runs import get_run, start_run
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from tests.support.called import Begin, Service, calling
from tests.support.invariants import check_invariants
from tests.support.proxy import Proxy, proxy_to
from tests.support.twice import open_queue
from tests.support.waiting import until
from tests.support.workers import wait_for, worker
from tests.support.workflows import make_workflow, node, spec_of


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Proxy]:
    """The network between the product and a Redis of this test's own."""
    server = EmbeddedValkey(socket_path=tmp_path / "own.sock", directory=tmp_path / "own", log_path=tmp_path / "own.log")
    server.start()
    with proxy_to(lambda: asyncio.open_unix_connection(str(server.socket_path))) as proxy:
        yield proxy
    server.stop()


def test_runs_go_on_while_the_network_to_redis_is_cut_again_and_again(wire: Proxy, wiring: Wiring, actor: Actor, service: Service) -> None:
    called, url = service
    called.delay_s = 0.3
    address = f"redis://127.0.0.1:{wire.port}/0"
    mine = replace(wiring, settings=replace(wiring.settings, redis_url=address), ports=replace(wiring.ports, queue=open_queue(address)))
    rows = []
    with worker(mine.settings) as process:
        for number in range(4):
            seen = wire.connections
            with mine.unit(actor) as uow:
                rows.append(start_run(uow, workflow_id=make_workflow(uow, calling(url, "a", "b", "c")).id, inputs={}))
            until(lambda: called.calls["a"] > number, what="the run's first call")  # noqa: B023 - asked for at once
            wire.cut()
            with mine.unit(actor) as uow:
                rows.append(start_run(uow, workflow_id=make_workflow(uow, calling(url, "b", "c")).id, inputs={}))
            assert wait_for(mine, actor, rows[-1].id).status == "succeeded", process.log
            wire.mend()
            until(lambda: wire.connections > seen, what="a new connection")  # noqa: B023 - asked for at once
        for row in rows:
            assert wait_for(mine, actor, row.id).status == "succeeded", process.log
        assert "Traceback" not in process.log
    assert (called.calls["a"], called.calls["b"], called.calls["c"]) == (4, 8, 8)
    check_invariants(mine, [row.id for row in rows])


def test_a_service_that_hangs_up_is_tried_again_and_then_told(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = 30.0
    there = urlsplit(url)
    with proxy_to(lambda: asyncio.open_connection(there.hostname, there.port)) as wire, worker(wiring.settings):
        retry = {"attempts": 2, "delay_s": 0.1}
        call = node("call", "http", method="GET", url=f"http://127.0.0.1:{wire.port}/a", retry=retry)
        row = begin(spec_of(node("start", "start"), call, node("end", "end"), edges="start>call call>end"))
        until(lambda: called.calls["a"] == 1, what="the first call")
        wire.cut()
        assert wait_for(wiring, actor, row.id).status == "failed"
        error = wiring.call(get_run, actor, run_id=row.id).error
    assert error is not None
    assert error["node"] == "call"
    assert error["message"]
    assert "Traceback" not in str(error)
    check_invariants(wiring, [row.id])
