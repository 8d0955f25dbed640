"""What happens when moments come due: policies for missed and overlapping ones, whose name it is, and refusals that are told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import Actor, UnitOfWork
from app.services.runs import cancel_run
from app.services.schedules import delete_schedule, note_broken, pause_schedule, resume_schedule, run_schedule_now, start_queued
from app.services.schedules.cron import Timing
from app.services.schedules.planning import COUNTED, plan_due
from app.services.workflows import delete_workflow
from models.schedule import ScheduleChange
from models.user import User
from models.workspace import Membership, Role
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.schedules import fire, fires_of, make_schedule, runs_of, stored
from tests.support.workflows import make_workflow


@pytest.fixture
def owner(uow: UnitOfWork) -> Actor:
    """A member, who acts."""
    uow.actor = make_member(uow, name="Olga Owner")
    return uow.actor


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_due_moment_starts_one_run_in_the_owners_name(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    assert row.next_at == at("2026-03-04T09:00")
    clock.advance(hours=20, minutes=59)
    assert fire(uow, row) == 0, "not due yet"
    clock.advance(seconds=61)
    assert fire(uow, row) == 1
    assert fire(uow, row) == 0, "dealt with"
    (run,) = runs_of(uow, row)
    assert (run.trigger, run.trigger_id, run.created_by, run.inputs["name"]) == ("schedule", row.id, owner.user_id, "Mia")
    (one,) = fires_of(uow, row)
    assert (one.outcome, one.due_at, one.run_id) == ("started", at("2026-03-04T09:00"), run.id)
    assert stored(uow, row).next_at == at("2026-03-05T09:00")


def test_a_moment_that_is_written_already_starts_nothing(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    clock.advance(hours=21)
    fire(uow, row)
    schedule = stored(uow, row)
    schedule.next_at = at("2026-03-04T09:00")  # as a process would see it that read before the other one committed
    uow.session.add(schedule)
    uow.session.flush()
    assert fire(uow, row) == 0
    assert len(runs_of(uow, row)) == 1
    assert stored(uow, row).next_at == at("2026-03-05T09:00")


MISSED = [
    ("skip", 5, [("skipped", 24)], 0),
    ("one", 5, [("skipped", 23), ("started", 1)], 1),
    ("all", 3, [("skipped", 21), ("started", 1), ("started", 1), ("started", 1)], 3),
    ("all", 50, [("started", 1)] * 24, 24),
]


@pytest.mark.parametrize(("missed", "most", "expected", "runs"), MISSED)
def test_missed_moments_follow_the_policy(
    missed: str, most: int, expected: list[Any], runs: int, uow: UnitOfWork, owner: Actor, clock: FrozenClock
) -> None:
    row = make_schedule(uow, wording="every hour at :30", missed=missed, most_missed=most, overlap="allow")
    clock.advance(hours=24)
    fire(uow, row)
    assert [(one.outcome, one.count) for one in fires_of(uow, row)] == expected
    assert len(runs_of(uow, row)) == runs
    assert stored(uow, row).next_at == at("2026-03-04T12:30")


def test_one_run_on_time_makes_up_for_all_that_was_missed(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", missed="one")
    clock.advance(hours=5, seconds=10)
    fire(uow, row)
    passed, started = fires_of(uow, row)
    assert (passed.outcome, passed.count, passed.due_at, passed.until) == ("skipped", 4, at("2026-03-03T13:00"), at("2026-03-03T16:00"))
    assert "03 Mar 17:00" in passed.reason
    assert (started.outcome, started.due_at) == ("started", at("2026-03-03T17:00"))


def test_a_month_without_workers_leaves_one_row_and_costs_little(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every minute", missed="all", most_missed=2)
    clock.advance(days=30)
    fire(uow, row)
    passed, *others = fires_of(uow, row)
    assert (passed.count, passed.until) == (COUNTED + 1, clock.now() - timedelta(minutes=4))
    assert "more than 500" in passed.reason
    assert [(one.outcome, one.cause) for one in others] == [("started", ""), ("queued", "overlap"), *[("skipped", "overlap")] * 2]


@pytest.mark.parametrize(
    ("overlap", "outcomes", "runs"),
    [("skip", ["started", "skipped"], 1), ("queue", ["started", "queued"], 1), ("allow", ["started"] * 2, 2)],
)
def test_a_moment_that_meets_the_run_before_follows_the_policy(
    overlap: str, outcomes: list[str], runs: int, uow: UnitOfWork, owner: Actor, clock: FrozenClock
) -> None:
    row = make_schedule(uow, wording="every hour", overlap=overlap)
    for _ in range(2):
        clock.advance(hours=1)
        fire(uow, row)
    fires = fires_of(uow, row)
    assert [one.outcome for one in fires] == outcomes
    assert len(runs_of(uow, row)) == runs
    if overlap != "allow":
        assert fires[1].cause == "overlap"
        assert fires[1].run_id == fires[0].run_id, "it names the run that is in its way"


def test_queued_moments_start_one_after_another_when_the_way_is_free(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", overlap="queue")
    for _ in range(3):
        clock.advance(hours=1)
        fire(uow, row)
    for expected in (2, 3):
        assert start_queued(uow, schedule_id=row.id, now=clock.now()) == 0, "a run is in the way"
        uow.actor = owner
        cancel_run(uow, run_id=runs_of(uow, row)[-1].id)
        assert start_queued(uow, schedule_id=row.id, now=clock.now()) == 1
        assert len(runs_of(uow, row)) == expected
    uow.actor = owner
    assert [one.outcome for one in fires_of(uow, row)] == ["started"] * 3


def test_pausing_and_deleting_drop_what_waits(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    for end in (pause_schedule, delete_schedule):
        row = make_schedule(uow, wording="every hour", overlap="queue")
        for _ in range(2):
            clock.advance(hours=1)
            fire(uow, row)
        end(uow, schedule_id=row.id)
        assert [(one.outcome, one.cause) for one in fires_of(uow, row)] == [("started", ""), ("skipped", "paused")]
        clock.advance(hours=5)
        assert fire(uow, row) == 0


def test_moments_of_a_pause_are_not_made_up_for(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", missed="all")
    pause_schedule(uow, schedule_id=row.id)
    clock.advance(hours=7, minutes=30)
    assert fire(uow, row) == 0
    assert resume_schedule(uow, schedule_id=row.id).next_at == at("2026-03-03T20:00")
    clock.advance(minutes=30)
    fire(uow, row)
    assert [one.due_at for one in fires_of(uow, row)] == [at("2026-03-03T20:00")]


def lose_membership(uow: UnitOfWork, actor: Actor) -> None:
    uow.session.connection().execute(sa.delete(Membership).where(col(Membership.user_id) == actor.user_id))


def be_demoted(uow: UnitOfWork, actor: Actor) -> None:
    uow.session.connection().execute(sa.update(Membership).where(col(Membership.user_id) == actor.user_id).values(role=Role.VIEWER))


def be_disabled(uow: UnitOfWork, actor: Actor) -> None:
    uow.session.connection().execute(sa.update(User).where(col(User.id) == actor.user_id).values(disabled_at=uow.ports.clock.now()))


@pytest.mark.parametrize("lose", [lose_membership, be_demoted, be_disabled])
def test_an_owner_without_the_right_stops_the_schedule_and_another_member_resumes_it(
    lose: Any, uow: UnitOfWork, owner: Actor, clock: FrozenClock
) -> None:
    row = make_schedule(uow)
    lose(uow, owner)
    clock.advance(hours=21)
    assert fire(uow, row) == 1
    (one,) = fires_of(uow, row)
    assert (one.outcome, one.cause, one.run_id) == ("failed", "owner", None)
    assert runs_of(uow, row) == []
    schedule = stored(uow, row)
    assert (schedule.is_enabled, schedule.next_at) == (False, None)
    assert "Resume the schedule to run it in your name" in schedule.disabled_reason
    change = uow.session.exec(select(ScheduleChange).where(ScheduleChange.schedule_id == row.id, ScheduleChange.kind == "disabled")).one()
    assert change.reason == schedule.disabled_reason
    other = make_member(uow, name="Nora Next")
    uow.session.connection().execute(
        sa.update(Membership).where(col(Membership.user_id) == other.user_id).values(workspace_id=owner.workspace_id)
    )
    uow.actor = Actor(user_id=other.user_id, workspace_id=owner.workspace_id, role=Role.MEMBER)
    assert resume_schedule(uow, schedule_id=row.id).owner == "Nora Next"
    clock.advance(days=1)
    fire(uow, row)
    assert [run.created_by for run in runs_of(uow, row)] == [other.user_id]


def test_a_deleted_workflow_switches_the_schedule_off(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    delete_workflow(uow, workflow_id=row.workflow_id)
    clock.advance(hours=21)
    fire(uow, row)
    (one,) = fires_of(uow, row)
    assert (one.outcome, one.cause) == ("failed", "workflow_deleted")
    assert "deleted" in stored(uow, row).disabled_reason


def test_a_workflow_with_errors_and_inputs_that_no_longer_fit_are_told_and_tried_again(
    uow: UnitOfWork, owner: Actor, clock: FrozenClock
) -> None:
    workflow = make_workflow(uow)
    row = make_schedule(uow, workflow_id=str(workflow.id))
    sound = workflow.draft
    unknown = {"greet": {"text": "{{ nothing.here }}"}}
    asking = {"start": {"fields": [{"name": "name", "type": "text"}, {"name": "city", "type": "text"}]}}
    causes = []
    for configs in (unknown, asking, {}):
        nodes = [node | {"config": configs.get(node["id"], node["config"])} for node in sound["nodes"]]
        workflow.draft = sound | {"nodes": nodes}
        uow.session.add(workflow)
        uow.session.flush()
        clock.advance(days=1)
        fire(uow, row)
        causes.append((fires_of(uow, row)[-1].outcome, fires_of(uow, row)[-1].cause))
    assert causes == [("failed", "workflow"), ("failed", "inputs"), ("started", "")]
    assert "greet" in fires_of(uow, row)[0].reason
    assert len(runs_of(uow, row)) == 1
    assert stored(uow, row).is_enabled


def test_an_error_of_the_program_is_told_and_the_schedule_goes_on(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    clock.advance(hours=21)
    note_broken(uow, schedule_id=row.id, now=clock.now())
    (one,) = fires_of(uow, row)
    assert (one.outcome, one.cause) == ("failed", "error")
    assert stored(uow, row).next_at == at("2026-03-05T09:00")


def test_running_now_leaves_the_timing_alone(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    pause_schedule(uow, schedule_id=row.id)
    run = run_schedule_now(uow, schedule_id=row.id)
    (one,) = fires_of(uow, row)
    assert (one.is_manual, one.run_id, one.outcome) == (True, run.id, "started")
    assert stored(uow, row).next_at is None


def test_after_the_last_day_it_is_finished(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, ends_on="2026-03-04")
    clock.advance(hours=21)
    fire(uow, row)
    assert len(runs_of(uow, row)) == 1
    assert stored(uow, row).next_at is None
    clock.advance(days=3)
    assert fire(uow, row) == 0


def test_a_spring_and_an_autumn_day_fire_once_each(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every day at 2:30", time_zone="Europe/Berlin", overlap="allow")
    clock.advance(days=260)
    stored(uow, row).next_at = at("2026-03-28T22:00")
    for day in ("2026-03-29", "2026-10-25"):
        schedule = stored(uow, row)
        schedule.next_at = Timing(schedule.cron, schedule.time_zone).next_after(at(f"{day}T00:00") - timedelta(hours=2))
        uow.session.add(schedule)
        uow.session.flush()
        clock.advance(seconds=(at(f"{day}T00:00") - clock.now()).total_seconds() - 7200)
        for _ in range(16):  # a worker that looks every quarter of an hour
            clock.advance(minutes=15)
            fire(uow, row)
    assert [f"{one.due_at:%m-%d %H:%M}" for one in fires_of(uow, row)] == ["03-29 01:00", "10-25 00:30"]


def test_planning_deals_with_every_moment_exactly_once_wherever_the_looks_fall() -> None:
    timing = Timing("*/7 * * * *", "Europe/Berlin")
    start, end = at("2026-10-24T22:00"), at("2026-10-25T05:00")
    everything = timing.between(start, end, limit=1000)
    for step in (timedelta(seconds=61), timedelta(minutes=13), timedelta(minutes=45)):
        seen: list[datetime] = []
        next_at, now = timing.next_after(start), start
        while now < end:
            now = min(now + step, end)
            if next_at is not None and next_at <= now:
                plan = plan_due(timing, next_at, now=now, missed="all", most=50)
                assert plan.passed is None
                seen.extend(due.at for due in plan.due)
                next_at = plan.next_at
        assert seen == everything
