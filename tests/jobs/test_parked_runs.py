"""Parked runs cost a worker nothing: what its looks for work read does not grow with them. Counted in SQLite's own steps, not in time."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.core.uow import Actor
from app.jobs.dispatcher import Dispatcher
from app.jobs.triggers import TriggerWatch
from app.services.runs import start_run
from app.services.runs.tables import outbox_table, run_table
from app.wiring import Wiring
from models.base import utc_now
from models.ids import new_id
from models.run import RunStatus
from tests.support.people import make_member
from tests.support.workflows import make_workflow

FEW, MANY = 20, 4_000


def park(wiring: Wiring, actor: Actor, count: int) -> None:
    """Rows of runs that wait for tomorrow, as a delay leaves them."""
    with wiring.unit(actor) as uow:
        one = start_run(uow, workflow_id=make_workflow(uow).id, inputs={"name": "Ann"}).id
    with wiring.database.begin() as connection:
        row = dict(connection.execute(sa.select(run_table).where(run_table.c.id == one)).mappings().one())
        row |= {"status": RunStatus.WAITING, "wake_at": utc_now() + timedelta(days=1), "idempotency_key": None}
        connection.execute(sa.delete(run_table).where(run_table.c.id == one))
        connection.execute(sa.delete(outbox_table))  # its doorbell would be heard a moment later, in the middle of the count
        connection.execute(sa.insert(run_table), [{**row, "id": new_id()} for _ in range(count)])


def steps_of_a_look(wiring: Wiring) -> int:
    """How many hundreds of steps SQLite's machine takes for all that a worker looks for each second."""
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    def watch(connection: Any, *_: object) -> None:
        connection.set_progress_handler(count, 100)

    dispatcher = Dispatcher(wiring.database, hooks={}, queue=wiring.ports.queue, try_take=lambda _run: False, tell=lambda _told: None)
    dispatcher.dispatch()  # the first also looks for lost children, as one does twice a minute
    event.listen(wiring.database, "checkout", watch)
    assert dispatcher.dispatch() == 0
    assert TriggerWatch(wiring).look() == 0
    event.remove(wiring.database, "checkout", watch)
    return counted


def test_a_look_for_work_reads_no_more_beside_thousands_of_parked_runs(wiring: Wiring) -> None:
    if wiring.database.dialect.name != "sqlite":
        pytest.skip("SQLite counts its steps; the indexes are the same on PostgreSQL")
    with wiring.unit() as uow:
        actor = make_member(uow)
    park(wiring, actor, FEW)
    beside_few = steps_of_a_look(wiring)
    park(wiring, actor, MANY)
    assert steps_of_a_look(wiring) <= beside_few + FEW
