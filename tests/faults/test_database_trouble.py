"""The database locked, full or gone under real workers: people hear it in plain words, nothing is half done, and all goes on afterwards."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from app.adapters.database import open_database
from app.core.database_away import as_refusal
from app.core.errors import DatabaseAway
from app.core.uow import Actor
from app.services.runs import list_runs, start_run
from app.wiring import Wiring
from models.run import Run
from models.workflow import Workflow
from tests.support.called import Begin, Service, calling
from tests.support.invariants import check_invariants
from tests.support.short_of_room import MARK, full, limit_growth
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for, worker
from tests.support.workflows import make_workflow

run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]
workflow_table: sa.Table = Workflow.__table__  # type: ignore[attr-defined]


@contextmanager
def locked(wiring: Wiring) -> Generator[None]:
    """Nobody else can write."""
    with wiring.database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("LOCK TABLE run IN ACCESS EXCLUSIVE MODE"))
        else:
            connection.execute(sa.update(run_table).where(run_table.c.status == "nothing").values(status="nothing"))
        yield


def test_a_lock_held_for_longer_than_a_lease_loses_nothing(wiring: Wiring, actor: Actor, begin: Begin, service: Service) -> None:
    called, url = service
    called.delay_s = 0.2
    with worker(wiring.settings) as process:
        rows = [begin(calling(url, "a", "b")) for _ in range(4)]
        until(lambda: called.calls["a"] >= 2, what="the first calls")
        with locked(wiring):
            seen = called.calls["a"] + called.calls["b"]
            until(lambda: called.calls["a"] + called.calls["b"] >= min(seen, 8), what="what was going on")
            until(lambda: _held_past_the_lease(wiring), what="an expired lease")
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
        assert process.is_alive
    check_invariants(wiring, [row.id for row in rows])


def _held_past_the_lease(wiring: Wiring) -> bool:
    """Read from a snapshot beside the lock; PostgreSQL lets nobody look, and there one waiting statement is proof enough."""
    if wiring.database.dialect.name == "postgresql":
        waits = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND now() - query_start > interval '2 seconds'"
        )
        with wiring.database.connect() as connection:
            return bool(connection.execute(waits).scalar())
    with wiring.database.connect().execution_options(af_write=False) as connection:
        expired = sa.select(sa.func.count()).where(run_table.c.lease_until < sa.func.strftime("%Y-%m-%d %H:%M:%f", "now"))
        return bool(connection.execute(expired.select_from(run_table)).scalar())


def test_a_full_disk_is_told_leaves_nothing_half_done_and_goes_on_when_there_is_room(
    wiring: Wiring, actor: Actor, service: Service, tmp_path: Path
) -> None:
    called, url = service
    called.delay_s = 0.2
    mark = tmp_path / "full"
    limit_growth(wiring.database, mark)
    with wiring.unit(actor) as uow:
        workflow_id = make_workflow(uow, calling(url, "a", "b", "c")).id
        rows = [start_run(uow, workflow_id=workflow_id, inputs={}) for _ in range(6)]
    process = WorkerProcess(wiring.settings, module="tests.support.short_of_room", **{MARK: str(mark)})
    try:
        process.ready()
        until(lambda: called.calls["a"] >= 1, what="the first call")
        with full(wiring.database, mark):
            with pytest.raises(DatabaseAway, match="disk is full"):
                _fill(wiring, actor)
            until(lambda: "did not answer" in process.log or "is full" in process.log, what="the worker's notice")
            assert process.is_alive
            shown = wiring.call(list_runs, actor)
            assert {row.id for row in rows} <= {row.id for row in shown.rows}
        for row in rows:
            assert wait_for(wiring, actor, row.id).status == "succeeded", process.log
    finally:
        process.kill()
    check_invariants(wiring, [row.id for row in rows])
    with wiring.database.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
        names = connection.execute(sa.select(workflow_table.c.name).where(workflow_table.c.name.like("Filler%"))).scalars().all()
    assert len(names) == len(set(names))


def _fill(wiring: Wiring, actor: Actor) -> None:
    for number in range(2000):
        with wiring.unit(actor) as uow:
            make_workflow(uow, name=f"Filler {number} {'x' * 100}")


def test_a_database_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    gone = open_database(f"sqlite:///{tmp_path}/nowhere/at/all.db")
    with pytest.raises(OperationalError) as refused, gone.connect() as connection:
        connection.execute(sa.select(1))
    gone.dispose()
    told = as_refusal(refused.value)
    assert (told.status, told.error_code) == (503, "database_away")
    assert "does not answer" in told.message
    assert "sqlite" not in told.message.lower()
