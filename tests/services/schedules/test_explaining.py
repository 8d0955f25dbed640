"""The answer to "why did it not run?", for every reason there is, and the calendar."""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.errors import Invalid
from app.core.uow import Actor, UnitOfWork
from app.services.runs import cancel_run
from app.services.schedules import explain_schedule, pause_schedule, read_calendar, resume_schedule, run_schedule_now, update_schedule
from app.services.schedules.watching import find_gap, note_look, watch_table
from app.services.workflows import delete_workflow
from app.views.schedules import ScheduleRow, Why
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.schedules import fire, make_schedule, runs_of, schedule_fields
from tests.support.workflows import make_workflow


@pytest.fixture
def owner(uow: UnitOfWork) -> Actor:
    """A member, who acts."""
    uow.actor = make_member(uow, name="Olga Owner")
    return uow.actor


def look(uow: UnitOfWork, clock: FrozenClock) -> None:
    note_look(uow.session.connection(), now=clock.now())


def why(uow: UnitOfWork, row: ScheduleRow, moment: str) -> Why:
    return explain_schedule(uow, schedule_id=row.id, moment=moment)


def test_moments_that_ran_and_that_were_never_due(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    clock.advance(hours=21)
    fire(uow, row)
    ran = why(uow, row, "2026-03-04T09:00")
    assert (ran.verdict, ran.headline) == ("ran", "It ran.")
    assert ran.fire is not None
    assert ran.fire.run_id == runs_of(uow, row)[0].id
    cancel_run(uow, run_id=ran.fire.run_id)
    assert why(uow, row, "2026-03-04T09:00").headline == "It ran, but the run was stopped."
    idle = why(uow, row, "2026-03-04T08:15")
    assert idle.verdict == "not_due"
    assert "At 09:00, every day (UTC)." in idle.details
    assert (idle.before, idle.after) == (datetime(2026, 3, 3, 9, tzinfo=UTC), datetime(2026, 3, 4, 9, tzinfo=UTC))
    assert why(uow, row, "2026-03-01T09:00").verdict == "not_created"


def test_a_pause_is_told_with_who_and_when(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    clock.advance(hours=1)
    pause_schedule(uow, schedule_id=row.id)
    future = why(uow, row, "2026-03-05T09:00")
    assert (future.verdict, future.headline) == ("paused", "It will not run: the schedule is paused.")
    clock.advance(days=3)
    resume_schedule(uow, schedule_id=row.id)
    past = why(uow, row, "2026-03-05T09:00")
    assert past.verdict == "paused"
    assert "Paused by Olga Owner since 03 Mar 2026 13:00 UTC" in past.details[0]
    assert why(uow, row, "2026-03-08T09:00").verdict == "will_run"


def test_missed_and_passed_over_names_the_hours_in_which_nobody_looked(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", missed="skip")
    look(uow, clock)
    clock.advance(hours=6, minutes=20)
    assert why(uow, row, "2026-03-03T15:00").verdict == "nobody_looked"
    assert "No worker has looked since 03 Mar 2026 12:00 UTC" in why(uow, row, "2026-03-03T15:00").details[0]
    look(uow, clock)
    fire(uow, row)
    answer = why(uow, row, "2026-03-03T15:00")
    assert (answer.verdict, answer.headline) == ("skipped_missed", "It was missed, and passed over.")
    assert "skips what it missed" in answer.details[0]
    assert answer.details[1] == "No worker looked from 03 Mar 2026 12:00 UTC to 03 Mar 2026 18:20 UTC."
    assert why(uow, row, "2026-03-03T15:10").verdict == "not_due"


def test_a_run_that_made_up_for_a_missed_moment_says_how_late_it_was(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow)
    look(uow, clock)
    clock.advance(hours=23)
    look(uow, clock)
    fire(uow, row)
    answer = why(uow, row, "2026-03-04T09:00")
    assert answer.verdict == "ran"
    assert answer.details[0] == "It was dealt with 2 hours late, on 04 Mar 2026 11:00 UTC."
    assert "No worker looked from" in answer.details[1]


def test_overlaps_failures_and_runs_by_hand(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour")
    for _ in range(2):
        clock.advance(hours=1)
        fire(uow, row)
    overlapped = why(uow, row, "2026-03-03T14:00")
    assert overlapped.verdict == "skipped_overlap"
    assert overlapped.fire is not None
    assert overlapped.fire.run_id == runs_of(uow, row)[0].id
    clock.advance(minutes=30)
    run_schedule_now(uow, schedule_id=row.id)
    assert why(uow, row, "2026-03-03T14:30").verdict == "ran_by_hand"
    delete_workflow(uow, workflow_id=row.workflow_id)
    for run in runs_of(uow, row):
        cancel_run(uow, run_id=run.id)
    clock.advance(minutes=30)
    fire(uow, row)
    assert why(uow, row, "2026-03-03T15:00").verdict == "failed_workflow_deleted"
    clock.advance(hours=5)
    off = why(uow, row, "2026-03-03T17:00")
    assert off.verdict == "disabled"
    assert "deleted" in off.details[0]


def test_the_past_is_judged_by_the_timing_of_the_past(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    workflow = str(make_workflow(uow).id)
    row = make_schedule(uow, workflow_id=workflow)
    clock.advance(days=2)
    update_schedule(uow, schedule_id=row.id, schedule=schedule_fields(uow, workflow_id=workflow, wording="every day at 17"))
    answer = why(uow, row, "2026-03-04T17:00")
    assert answer.verdict == "not_due"
    assert answer.details[-1] == "This was its timing then; it was changed later."
    assert why(uow, row, "2026-03-06T17:00").verdict == "will_run"
    assert why(uow, row, "2026-03-06T09:00").verdict == "not_due"


def test_changes_of_the_clocks_are_explained(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every day at 2:30", time_zone="Europe/Berlin")
    gone = why(uow, row, "2026-03-29T02:30")
    assert gone.verdict == "no_such_time"
    assert gone.after == datetime(2026, 3, 29, 1, tzinfo=UTC)
    moved = why(uow, row, "2026-03-29T03:00")
    assert moved.verdict == "will_run"
    assert "skip the time meant" in moved.details[0]
    assert why(uow, row, "2026-10-25T02:30").verdict == "will_run"
    second = why(uow, row, "2026-10-25T02:30+01:00")
    assert second.verdict == "not_due"
    assert "second 02:30" in second.details[-1]


def test_days_outside_first_and_last_and_the_present_moment(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", starts_on="2026-03-03", ends_on="2026-03-20")
    assert "Its last day was 20 Mar 2026." in why(uow, row, "2026-03-21T09:00").details
    clock.advance(minutes=59)
    look(uow, clock)
    clock.advance(seconds=50)
    look(uow, clock)
    clock.advance(seconds=15)
    look(uow, clock)
    assert why(uow, row, "2026-03-03T13:00").verdict == "in_progress"
    clock.advance(minutes=1)
    look(uow, clock)
    clock.advance(minutes=1)
    look(uow, clock)
    assert why(uow, row, "2026-03-03T13:00").verdict == "not_dealt_with"
    late = make_schedule(uow, starts_on="2026-05-01")
    assert "Its first day is 01 May 2026." in why(uow, late, "2026-04-01T09:00").details


@pytest.mark.parametrize("moment", ["", None, "yesterday", "0001-01-01T00:00", "9999-12-31T23:59", "2026-03-03T25:00", 7])
def test_a_moment_that_is_none_is_refused(moment: Any, uow: UnitOfWork, owner: Actor) -> None:
    row = make_schedule(uow)
    with pytest.raises(Invalid) as refused:
        why(uow, row, moment)
    assert set(refused.value.fields) == {"moment"}


def test_looks_without_a_pause_are_one_period(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    for seconds in (0, 15, 50, 3600, 20):
        clock.advance(seconds=seconds)
        look(uow, clock)
    connection = uow.session.connection()
    assert connection.execute(sa.select(sa.func.count()).select_from(watch_table)).scalar() == 2
    gap = find_gap(connection, datetime(2026, 3, 3, 12, 30, tzinfo=UTC), now=clock.now())
    assert gap is not None
    assert (gap.since.minute, gap.until) == (1, datetime(2026, 3, 3, 13, 1, 5, tzinfo=UTC))
    assert find_gap(connection, datetime(2026, 3, 3, 12, 0, 30, tzinfo=UTC), now=clock.now()) is None
    assert find_gap(connection, datetime(2026, 3, 3, 11, tzinfo=UTC), now=clock.now()) is None


def test_the_calendar_shows_what_was_and_what_comes(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    daily = make_schedule(uow, name="Daily")
    make_schedule(uow, name="Quarter", wording="every 15 minutes", missed="skip", starts_on="2026-03-05", ends_on="2026-03-05")
    make_schedule(uow, name="Asleep", is_enabled=False)
    clock.advance(hours=24)
    fire(uow, daily)
    entries = read_calendar(uow, first="2026-03-04", days=3, time_zone="UTC")
    assert [(entry.name, entry.at.day, entry.at.hour, entry.outcome, entry.count) for entry in entries] == [
        ("Daily", 4, 9, "started", 1),
        ("Quarter", 5, 0, "due", 96),
        ("Daily", 5, 9, "due", 1),
        ("Daily", 6, 9, "due", 1),
    ]
    assert entries[1].last_at == datetime(2026, 3, 5, 23, 45, tzinfo=UTC)
    assert entries[0].run_id == runs_of(uow, daily)[0].id
    tokyo = read_calendar(uow, first="2026-03-05", days=1, time_zone="Asia/Tokyo")
    assert [(entry.name, entry.at.hour, entry.count) for entry in tokyo] == [("Quarter", 0, 60), ("Daily", 9, 1)]
    uow.actor = make_member(uow)
    assert read_calendar(uow, first="2026-03-04", days=3, time_zone="UTC") == ()


@pytest.mark.parametrize(
    ("first", "zone", "field"), [("x", "UTC", "first"), (None, "UTC", "first"), ("2026-03-04", "Nowhere", "time_zone")]
)
def test_a_calendar_needs_a_date_and_a_zone(first: Any, zone: str, field: str, uow: UnitOfWork, owner: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        read_calendar(uow, first=first, days=7, time_zone=zone)
    assert set(refused.value.fields) == {field}
