"""Saving schedules: what is checked, who may, in whose name they run, and what the lists say of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.core.errors import Conflict, Invalid, LimitReached, NotAllowed, NotFound
from app.core.uow import Actor, UnitOfWork
from app.services.runs import cancel_run
from app.services.schedules import (
    create_schedule,
    delete_schedule,
    describe_timing,
    duplicate_schedule,
    find_schedule,
    get_schedule,
    list_fires,
    list_schedules,
    pause_schedule,
    resume_schedule,
    run_schedule_now,
    update_schedule,
)
from app.services.schedules.editing import MOST_SCHEDULES
from app.services.schedules.watching import note_look
from app.services.workflows import delete_workflow
from models.ids import new_id
from models.schedule import Schedule
from models.workspace import Role
from tests.support.clock import FrozenClock
from tests.support.people import make_member
from tests.support.schedules import fire, fires_of, make_schedule, runs_of, schedule_fields, stored
from tests.support.workflows import make_workflow


@pytest.fixture
def owner(uow: UnitOfWork) -> Actor:
    """A member, who acts."""
    uow.actor = make_member(uow, name="Olga Owner")
    return uow.actor


def test_a_schedule_in_plain_words_is_understood_and_listed(uow: UnitOfWork, owner: Actor) -> None:
    row = make_schedule(uow, wording="first Monday of the month at 8", time_zone="America/New_York")
    assert (row.said, row.cron) == ("At 08:00, on the first Monday of the month", "0 8 * * 1#1")
    assert row.next_at == datetime(2026, 4, 6, 12, tzinfo=UTC)
    (listed,) = list_schedules(uow).rows
    assert (listed.name, listed.workflow_name, listed.owner, listed.is_enabled) == ("Morning report", "Greeting", "Olga Owner", True)
    detail = get_schedule(uow, schedule_id=str(row.id))
    assert (detail.inputs, detail.missed, detail.overlap, detail.is_mine) == ({"name": "Mia"}, "one", "skip", True)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": "  "}, "name", "must not be empty"),
        ({"name": "a" * 121}, "name", "too long"),
        ({"wording": "now and then"}, "wording", "not understood"),
        ({"wording": None}, "wording", "every weekday"),
        ({"time_zone": "Mars/Phobos"}, "time_zone", "Europe/Berlin"),
        ({"workflow_id": ""}, "workflow_id", "Choose the workflow"),
        ({"workflow_id": str(new_id())}, "workflow_id", "does not exist"),
        ({"inputs": {}}, "inputs.name", "required"),
        ({"inputs": {"name": "Mia", "colour": "red"}}, "inputs.colour", "not a field"),
        ({"inputs": ["x"]}, "inputs", "object"),
        ({"starts_on": "tomorrow"}, "starts_on", "2026-03-31"),
        ({"starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "ends_on", "before the first"),
        ({"ends_on": "2026-03-01"}, "ends_on", "never run"),
        ({"missed": "maybe"}, "missed", "skip, one, all"),
        ({"most_missed": 0}, "most_missed", "1 to 50"),
        ({"most_missed": True}, "most_missed", "1 to 50"),
        ({"overlap": None}, "overlap", "queue"),
        ({"is_enabled": "yes"}, "is_enabled", "true or false"),
        ({"owner_id": str(new_id())}, "schedule", "only these fields"),
    ],
)
def test_each_wrong_field_is_named_with_a_remedy(changed: dict[str, Any], field: str, words: str, uow: UnitOfWork, owner: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        make_schedule(uow, **changed)
    assert words in refused.value.fields[field]
    assert list_schedules(uow).rows == ()


def test_all_wrong_fields_are_told_at_once(uow: UnitOfWork, owner: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        make_schedule(uow, name="", wording="x", time_zone="x", missed="x", inputs={})
    assert set(refused.value.fields) == {"name", "wording", "time_zone", "missed", "inputs.name"}


def test_saving_by_another_member_hands_the_schedule_over(uow: UnitOfWork, owner: Actor) -> None:
    workflow = str(make_workflow(uow).id)
    row = make_schedule(uow, workflow_id=workflow)
    other = make_member(uow, name="Nora Next")
    uow.actor = Actor(user_id=other.user_id, workspace_id=owner.workspace_id, role=Role.MEMBER)
    changed = update_schedule(uow, schedule_id=row.id, schedule=schedule_fields(uow, workflow_id=workflow, wording="every hour"))
    assert (changed.owner, changed.cron, changed.next_at) == ("Nora Next", "0 * * * *", datetime(2026, 3, 3, 13, tzinfo=UTC))
    assert not get_schedule(uow, schedule_id=row.id).row.disabled_reason


@pytest.mark.parametrize(
    "service", [update_schedule, duplicate_schedule, delete_schedule, pause_schedule, resume_schedule, run_schedule_now]
)
def test_a_viewer_changes_nothing_and_a_stranger_finds_nothing(service: Any, uow: UnitOfWork, owner: Actor) -> None:
    row = make_schedule(uow)
    arguments = {"schedule": schedule_fields(uow)} if service is update_schedule else {}
    uow.actor = Actor(user_id=owner.user_id, workspace_id=owner.workspace_id, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        service(uow, schedule_id=row.id, **arguments)
    assert list_schedules(uow).can_edit is False
    uow.actor = make_member(uow)
    with pytest.raises(NotFound):
        service(uow, schedule_id=row.id, **arguments)
    for reader in (get_schedule, list_fires):
        with pytest.raises(NotFound):
            reader(uow, schedule_id=row.id)
    assert stored(uow, row).is_enabled


def test_a_copy_is_paused_and_has_a_name_of_its_own(uow: UnitOfWork, owner: Actor) -> None:
    row = make_schedule(uow, ends_on="2027-01-01", missed="all", most_missed=7)
    first, second = (duplicate_schedule(uow, schedule_id=row.id) for _ in range(2))
    assert [first.name, second.name] == ["Morning report (copy)", "Morning report (copy 2)"]
    assert (first.is_enabled, first.next_at) == (False, None)
    detail = get_schedule(uow, schedule_id=first.id)
    assert (str(detail.ends_on), detail.missed, detail.most_missed, detail.inputs) == ("2027-01-01", "all", 7, {"name": "Mia"})


def test_what_is_deleted_is_gone_but_its_runs_stay(uow: UnitOfWork, owner: Actor) -> None:
    row = make_schedule(uow)
    run_schedule_now(uow, schedule_id=row.id)
    delete_schedule(uow, schedule_id=row.id)
    assert list_schedules(uow).rows == ()
    with pytest.raises(NotFound):
        get_schedule(uow, schedule_id=row.id)
    assert len(runs_of(uow, row)) == 1


def test_a_finished_schedule_cannot_be_resumed(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, ends_on="2026-03-10")
    pause_schedule(uow, schedule_id=row.id)
    pause_schedule(uow, schedule_id=row.id)
    clock.advance(days=30)
    with pytest.raises(Conflict, match="last day"):
        resume_schedule(uow, schedule_id=row.id)


def test_a_workspace_has_a_limit(uow: UnitOfWork, owner: Actor) -> None:
    workflow = make_workflow(uow)
    values: dict[str, Any] = {"name": "x", "wording": "hourly", "cron": "0 * * * *", "time_zone": "UTC", "inputs": {}}
    for _ in range(MOST_SCHEDULES):
        uow.session.add(Schedule(workspace_id=owner.workspace_id, workflow_id=workflow.id, **values))
    uow.session.flush()
    with pytest.raises(LimitReached, match="200"):
        create_schedule(uow, schedule=schedule_fields(uow, workflow_id=str(workflow.id)))


def test_the_list_is_searched_filtered_and_ordered_by_what_runs_next(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    reports = make_workflow(uow, name="Reports")
    daily = make_schedule(uow, name="Daily", workflow_id=str(reports.id))
    hourly = make_schedule(uow, name="Hourly", wording="every hour")
    paused = make_schedule(uow, name="Asleep", is_enabled=False)
    names = lambda **arguments: [row.name for row in list_schedules(uow, **arguments).rows]  # noqa: E731
    assert names() == ["Hourly", "Daily", "Asleep"]
    assert names(search="repo") == ["Daily"]
    assert names(search="berlin") == []
    assert names(workflow_id=str(reports.id)) == ["Daily"]
    assert names(workflow_id="nonsense") == []
    assert names(state="paused") == ["Asleep"]
    assert names(state="active") == ["Hourly", "Daily"]
    assert names(state="problem") == []
    delete_workflow(uow, workflow_id=hourly.workflow_id)
    clock.advance(hours=1)
    fire(uow, hourly)
    assert names(state="problem") == ["Hourly"]
    assert {row.name for row in list_schedules(uow).rows if row.is_workflow_deleted} == {"Hourly"}
    assert find_schedule(uow, name="Daily") is not None
    assert find_schedule(uow, name=str(paused.id)) is not None
    assert find_schedule(uow, name=str(daily.id)[:8]) is None
    with pytest.raises(Invalid):
        list_schedules(uow, state="sleepy")


def test_the_list_says_when_no_worker_looks(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    assert not list_schedules(uow).is_unwatched, "there is nothing to look for"
    make_schedule(uow)
    assert list_schedules(uow).is_unwatched
    note_look(uow.session.connection(), now=clock.now())
    assert not list_schedules(uow).is_unwatched
    clock.advance(minutes=10)
    assert list_schedules(uow).unwatched_since == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_fires_come_in_pages_with_the_status_of_their_runs(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    row = make_schedule(uow, wording="every hour", overlap="allow")
    for _ in range(5):
        clock.advance(hours=1)
        fire(uow, row)
    cancel_run(uow, run_id=runs_of(uow, row)[-1].id)
    first = list_fires(uow, schedule_id=row.id, limit=3)
    assert [fire.due_at.hour for fire in first.rows] == [17, 16, 15]
    assert first.rows[0].run_status == "cancelled"
    rest = list_fires(uow, schedule_id=row.id, limit=3, cursor=first.next_cursor)
    assert [fire.due_at.hour for fire in rest.rows] == [14, 13]
    assert rest.next_cursor == ""


def test_a_preview_shows_ten_moments_and_what_the_clocks_do(uow: UnitOfWork, owner: Actor, clock: FrozenClock) -> None:
    clock.advance(days=24)
    preview = describe_timing(uow, wording="every day at 2:30", time_zone="Europe/Berlin")
    assert len(preview.fires) == 10
    assert [f"{moment:%d}" for moment in preview.notes] == ["29"]
    assert "runs at 03:00" in next(iter(preview.notes.values()))
    with pytest.raises(Invalid) as refused:
        describe_timing(uow, wording="whenever", time_zone="here", starts_on="x")
    assert set(refused.value.fields) == {"wording", "time_zone", "starts_on"}


def test_two_starts_at_one_instant_are_two_runs(uow: UnitOfWork) -> None:
    uow.actor = make_member(uow)
    row = make_schedule(uow)
    first, second = (run_schedule_now(uow, schedule_id=row.id) for _ in range(2))
    assert first.id != second.id
    assert len({fire.due_at for fire in fires_of(uow, row)}) == 2
