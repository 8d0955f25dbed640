"""A worker of a newer version that is started before the migration waits for it; no run fails for what is not its fault."""

import threading

import pytest
import sqlalchemy as sa

from app.adapters.migrations import downgrade, upgrade
from app.adapters.revisions import current_revision, is_behind, newest_revision
from app.core.database_away import AWAY, SchemaMisfitError
from app.core.errors import DatabaseAway
from app.core.uow import Actor
from app.jobs.schema import await_schema
from app.services.runs import get_run_row, start_run
from app.wiring import Wiring
from tests.support.invariants import check_invariants
from tests.support.waiting import until
from tests.support.workers import WorkerProcess, wait_for
from tests.support.workflows import make_workflow


def test_a_worker_started_before_the_migration_says_so_and_takes_runs_after_it(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        run_id = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"}).id
    url = wiring.settings.database_url
    downgrade(url, revision="-1")
    before = current_revision(wiring.database)
    process = WorkerProcess(wiring.settings)
    try:
        until(lambda: "run `agent-factory migrate`" in process.log or not process.is_alive, timeout_s=120, what="the worker's word")
        assert f"the database has revision {before}, this version needs {newest_revision()}" in process.log
        assert "worker ready" not in process.log
        upgrade(url)
        process.ready()
        assert wait_for(wiring, actor, run_id).status == "succeeded"
    finally:
        process.kill()
    check_invariants(wiring)


def test_a_worker_that_waits_for_the_migration_can_be_stopped(wiring: Wiring) -> None:
    downgrade(wiring.settings.database_url, revision="-1")
    stop = threading.Event()
    waiting = threading.Thread(target=await_schema, args=(wiring, stop))
    waiting.start()
    stop.set()
    waiting.join(60)
    assert not waiting.is_alive()
    assert not await_schema(wiring, stop)


def test_a_column_that_is_not_there_yet_counts_as_a_database_that_is_away(wiring: Wiring, actor: Actor) -> None:
    with wiring.unit(actor) as uow:
        run_id = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ada"}).id
    with wiring.database.begin() as connection:
        connection.execute(sa.text("ALTER TABLE run RENAME COLUMN waiting_for TO waits_for"))
    with pytest.raises(AWAY) as raised, wiring.database.begin() as connection:
        connection.execute(sa.text("SELECT waiting_for FROM run"))
    assert isinstance(raised.value, SchemaMisfitError)
    with pytest.raises(DatabaseAway) as refused, wiring.unit(actor) as uow:
        get_run_row(uow, run_id=run_id)
    assert "agent-factory migrate" in refused.value.message


def test_a_database_of_a_newer_version_is_not_waited_for() -> None:
    assert not is_behind(newest_revision())
    assert not is_behind("9999")
    assert is_behind("0001")
    assert is_behind("")
