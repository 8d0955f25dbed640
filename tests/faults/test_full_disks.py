"""Files that may not grow, and a log that cannot be written: workers live on, say so where they can, and lose nothing."""

import resource
from collections.abc import Generator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.core.sql_clock import sql_now
from app.core.uow import Actor
from app.services.runs.tables import run_table
from app.wiring import Wiring
from tests.support.called import Begin, Service, calling
from tests.support.invariants import check_invariants
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for, worker


@contextmanager
def without_room(process: WorkerProcess) -> Generator[None]:
    """No file of the process may grow, as on a full disk: every such write fails."""
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)


def test_a_worker_whose_files_cannot_grow_waits_for_room(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    if wiring.database.dialect.name != "sqlite":
        pytest.skip("a worker on PostgreSQL writes no file")
    called, url = service
    called.delay_s = 0.3
    with worker(wiring.settings, AF_LEASE_S="2") as process:
        rows = [begin(calling(url, "a", "b", "c")) for _ in range(6)]
        until(lambda: called.calls["a"] >= 1, what="the first call")
        with without_room(process):
            rows.append(begin(calling(url, "a", "b", "c")))
            until(lambda: _has_expired(wiring) or not process.is_alive, what="a lease that could not be renewed")
            assert process.is_alive
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded"
        assert process.is_alive
    check_invariants(wiring)


def _has_expired(wiring: Wiring) -> bool:
    with wiring.database.connect().execution_options(af_write=False) as connection:
        expired = sa.select(run_table.c.id).where(run_table.c.lease_until < sql_now())
        return connection.execute(expired).first() is not None


def test_a_log_that_cannot_be_written_stops_no_run(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    process = WorkerProcess(wiring.settings, log="/dev/full", AF_LOG_LEVEL="DEBUG")
    try:
        rows = [begin(calling(url, "a", "b")) for _ in range(3)]
        for row in rows:
            assert wait_for(wiring, actor, row.id, timeout_s=120).status == "succeeded"
        assert process.is_alive
        assert process.stop() == 0
    finally:
        process.kill()
    assert called.calls == {"a": 3, "b": 3}
    check_invariants(wiring)


@pytest.mark.long
def test_a_log_whose_reader_is_gone_stops_no_run(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    with worker(wiring.settings, module="tests.support.deserted_worker") as process:
        rows = [begin(calling(url, "a", "b")) for _ in range(3)]
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded"
        assert process.is_alive
        assert process.stop() == 0
    assert called.calls == {"a": 3, "b": 3}
    check_invariants(wiring)
