"""Schedules and event rules with real workers: every moment and every event starts one run, whatever dies, is lost or looks at once."""

import signal
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from app.core.uow import Actor
from app.services.facts import fact_table
from app.services.runs import cancel_run, start_run
from app.services.schedules.rows import fire_table, schedule_table
from app.supervisor.valkey import EmbeddedValkey
from app.wiring import Wiring
from models.ids import parse_id
from models.run import Run
from tests.support.invariants import check_invariants
from tests.support.rules import make_rule, rule_fires
from tests.support.schedules import make_schedule
from tests.support.waiting import until
from tests.support.worker_process import CLOCK
from tests.support.workers import look_together, worker
from tests.support.workflows import make_workflow

run_table: sa.Table = Run.__table__  # type: ignore[attr-defined]


def schedules(wiring: Wiring, actor: Actor, count: int = 1, **fields: Any) -> list[uuid.UUID]:
    with wiring.unit(actor) as uow:
        workflow = str(make_workflow(uow).id)
        made = [make_schedule(uow, workflow_id=workflow, name=f"Number {number}", **fields) for number in range(count)]
        return [one for row in made if (one := parse_id(row.id)) is not None]


def make_due(wiring: Wiring, ids: list[uuid.UUID], at: datetime) -> None:
    """Set back what is to be dealt with next, as if the time until then had passed."""
    with wiring.database.begin() as connection:
        connection.execute(sa.update(schedule_table).where(schedule_table.c.id.in_(ids)).values(next_at=at))


def fires(wiring: Wiring, ids: list[uuid.UUID]) -> list[Any]:
    with wiring.database.connect() as connection:
        return list(connection.execute(sa.select(fire_table).where(fire_table.c.schedule_id.in_(ids)).order_by(fire_table.c.due_at)))


def runs(wiring: Wiring, ids: list[uuid.UUID]) -> list[Any]:
    with wiring.database.connect() as connection:
        return list(connection.execute(sa.select(run_table).where(run_table.c.trigger_id.in_(ids))))


def all_over(wiring: Wiring, ids: list[uuid.UUID]) -> bool:
    found = runs(wiring, ids)
    return bool(found) and all(row.status == "succeeded" for row in found)


def this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


def check_once(wiring: Wiring, ids: list[uuid.UUID], at: datetime) -> None:
    """Each schedule dealt with this moment once, and each fire that started has a run of its own."""
    found = fires(wiring, ids)
    assert sorted(fire.schedule_id for fire in found if fire.due_at == at) == sorted(ids)
    started = [fire.run_id for fire in found if fire.outcome == "started"]
    assert sorted(started) == sorted(row.id for row in runs(wiring, ids))
    check_invariants(wiring, started)


def test_losing_every_key_of_the_scheduler_loses_no_moment(mine: Wiring, actor: Actor, valkey: EmbeddedValkey) -> None:
    ids = schedules(mine, actor, 3, wording="* * * * *")
    with worker(mine.settings) as process:
        with redis.Redis(unix_socket_path=str(valkey.socket_path)) as client:
            client.flushall()
        at = this_minute()
        make_due(mine, ids, at)
        until(lambda: len(runs(mine, ids)) >= 3 and all_over(mine, ids), what="the runs after the flush")
        check_once(mine, ids, at)
        valkey.stop()
        until(lambda: len([fire for fire in fires(mine, ids) if fire.due_at > at]) >= 3, timeout_s=90, what="the next minute without Redis")
        assert "Traceback" not in process.log


def test_processes_that_look_at_once_never_fire_one_moment_twice(wiring: Wiring, actor: Actor, tmp_path: Path) -> None:
    ids = schedules(wiring, actor, 12, wording="* * * * *")
    at = this_minute()
    make_due(wiring, ids, at)
    look_together(wiring.settings, tmp_path)
    found = fires(wiring, ids)
    assert sorted(fire.schedule_id for fire in found if fire.due_at == at) == sorted(ids)
    started = [fire.run_id for fire in found if fire.outcome == "started"]
    assert sorted(started) == sorted(row.id for row in runs(wiring, ids))


@pytest.mark.parametrize(
    ("missed", "started", "passed"),
    [pytest.param("skip", 0, 4, marks=pytest.mark.long), pytest.param("one", 1, 3, marks=pytest.mark.long), ("all", 2, 2)],
)
def test_hours_without_any_worker_follow_the_policy(missed: str, started: int, passed: int, wiring: Wiring, actor: Actor) -> None:
    last = this_minute() - timedelta(minutes=5)
    ids = schedules(wiring, actor, wording=f"{last.minute} * * * *", missed=missed, most_missed=2)
    make_due(wiring, ids, last - timedelta(hours=3))
    with worker(wiring.settings):
        until(lambda: len(fires(wiring, ids)) == started + 1, what="the fires")
        if started:
            until(lambda: len(runs(wiring, ids)) == started and all_over(wiring, ids), what="the runs that make up for it")
    found = fires(wiring, ids)
    assert [fire.outcome for fire in found] == ["skipped"] + ["started"] * started
    assert (found[0].due_at, found[0].count, found[0].cause) == (last - timedelta(hours=3), passed, "missed")
    assert found[-1].due_at == (last if started else last - timedelta(hours=3))
    check_invariants(wiring, [fire.run_id for fire in found if fire.run_id])


def test_a_worker_killed_at_a_run_that_a_schedule_started_leaves_one_run(wiring: Wiring, actor: Actor) -> None:
    ids = schedules(wiring, actor, wording="* * * * *")
    at = this_minute()
    make_due(wiring, ids, at)
    with worker(wiring.settings, AF_FAULT="after_claim") as doomed:
        assert doomed.wait_dead() == -signal.SIGKILL
    with worker(wiring.settings):
        until(lambda: all_over(wiring, ids), what="the run")
    check_once(wiring, ids, at)


def test_workers_with_wrong_clocks_fire_each_moment_once_and_none_that_is_to_come(wiring: Wiring, actor: Actor) -> None:
    ids = schedules(wiring, actor, 3, wording="* * * * *")
    at = this_minute()
    with worker(wiring.settings, **{CLOCK: "3600"}), worker(wiring.settings, **{CLOCK: "-3600"}):
        make_due(wiring, ids, at)
        until(lambda: len(runs(wiring, ids)) >= 3 and all_over(wiring, ids), what="the runs")
        check_once(wiring, ids, at)
    assert max(fire.due_at for fire in fires(wiring, ids)) <= this_minute()


def test_processes_that_look_at_once_answer_each_event_once(wiring: Wiring, actor: Actor, tmp_path: Path) -> None:
    with wiring.unit(actor) as uow:
        source = make_workflow(uow)
        rule = make_rule(uow, source_id=str(source.id))
        rows = [start_run(uow, workflow_id=source.id, inputs={"name": f"Mia {number}"}) for number in range(10)]
    for row in rows:
        wiring.call(cancel_run, actor, run_id=row.id)
    look_together(wiring.settings, tmp_path)
    found = rule_fires(wiring, actor)
    assert [fire.outcome for fire in found] == ["started"] * 10
    assert sorted(fire.run_id for fire in found) == sorted(row.id for row in runs(wiring, [rule.id]))
    with wiring.database.connect() as connection:
        assert connection.execute(sa.select(fact_table.c.id).where(fact_table.c.delivered_at.is_(None))).all() == []
