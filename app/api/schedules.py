"""Schedules over the API."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Cursor, Id, Limit, Nothing, Page, Request, Search, Shape, done, whole
from app.api.runs import RunSummary
from app.services import schedules
from app.views.schedules import CalendarEntry, FireRow, ScheduleDetail, ScheduleRow, TimingPreview, Why

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"], responses=REFUSALS)
FIELDS = (
    "workflow_id, name, wording (cron, or words such as `every weekday at 9`) and time_zone; "
    "perhaps starts_on, ends_on, inputs, missed, most_missed, overlap and is_enabled."
)
MOMENT = "Such as 2026-03-31T09:00, in the schedule's own time zone unless it names an offset."
EXAMPLE = {
    "workflow_id": "0198c0de-7a11-7c3e-9d2b-5f0e6a4b1c2d",
    "name": "Morning report",
    "wording": "every weekday at 9",
    "time_zone": "Europe/Vienna",
    "inputs": {"question": "What is new?"},
}
Fields = Annotated[dict[str, Any], Body(description=FIELDS, examples=[EXAMPLE])]


class Schedule(Shape):
    """A schedule just made."""

    id: UUID
    name: str
    workflow_id: UUID
    said: str = Field(description="When it runs, in words.")
    cron: str
    time_zone: str
    is_enabled: bool
    next_at: datetime | None


class TimingBody(Request):
    """When something should run."""

    wording: str = Field(max_length=400, description="cron, or words such as `every weekday at 9`")
    time_zone: str = Field(default="UTC", max_length=80)
    starts_on: str | None = Field(default=None, max_length=40)
    ends_on: str | None = Field(default=None, max_length=40)


@router.get("", operation_id="list_schedules")
async def list_schedules(
    door: Caller, *, search: Search = "", workflow_id: Annotated[str | None, Query(max_length=64)] = None
) -> Answer[Page[ScheduleRow]]:
    """Schedules of the workspace."""
    found = await door.read(schedules.list_schedules, search=search, workflow_id=workflow_id)
    return done(Page(items=list(found.rows), total=found.total))


@router.post("", status_code=201, operation_id="create_schedule", response_model=Answer[Schedule])
async def create_schedule(fields: Fields, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Create a schedule; its runs are started in your name."""
    return await door.once(schedules.create_schedule, key=idempotency_key, shape=Schedule, message="Created.", schedule=fields)


@router.get("/calendar", operation_id="read_calendar")
async def read_calendar(
    door: Caller,
    *,
    first: Annotated[str, Query(max_length=40, description="The first day, such as 2026-01-31.")],
    days: Annotated[int, Query(ge=1, le=31)] = 7,
    time_zone: Annotated[str, Query(max_length=80, description="Whose days, such as Europe/Vienna.")] = "UTC",
    workflow_id: Annotated[str | None, Query(max_length=64)] = None,
) -> Answer[Page[CalendarEntry]]:
    """What came due on these days and what became of it, and what is to come; a frequent schedule is one entry a day."""
    asked: dict[str, Any] = {"first": first, "days": days, "time_zone": time_zone, "workflow_id": workflow_id}
    return whole(await door.read(schedules.read_calendar, **asked))


@router.post("/timing", operation_id="describe_timing")
async def describe_timing(body: TimingBody, door: Caller) -> Answer[TimingPreview]:
    """How a timing is understood, and its next moments; nothing is saved."""
    return done(await door.read(schedules.describe_timing, **body.model_dump()))


@router.get("/{schedule_id}/why", operation_id="explain_schedule")
async def explain_schedule(schedule_id: Id, door: Caller, moment: Annotated[str, Query(max_length=60, description=MOMENT)]) -> Answer[Why]:
    """Why it ran at a moment, did not, or will."""
    return done(await door.read(schedules.explain_schedule, schedule_id=schedule_id, moment=moment))


@router.post("/{schedule_id}/duplicate", status_code=201, operation_id="duplicate_schedule", response_model=Answer[Schedule])
async def duplicate_schedule(schedule_id: Id, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Make a paused copy in your name."""
    copy = partial(schedules.duplicate_schedule, schedule_id=schedule_id)
    return await door.once(copy, key=idempotency_key, shape=Schedule, message="Copied.")


@router.get("/{schedule_id}", operation_id="get_schedule")
async def get_schedule(schedule_id: Id, door: Caller) -> Answer[ScheduleDetail]:
    """One schedule with its settings."""
    return done(await door.read(schedules.get_schedule, schedule_id=schedule_id))


@router.put("/{schedule_id}", operation_id="update_schedule")
async def update_schedule(schedule_id: Id, fields: Fields, door: Caller) -> Answer[ScheduleRow]:
    """Change a schedule: all its fields are given."""
    return done(await door.write(schedules.update_schedule, schedule_id=schedule_id, schedule=fields), "Saved.")


@router.delete("/{schedule_id}", operation_id="delete_schedule")
async def delete_schedule(schedule_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete a schedule."""
    await door.write(schedules.delete_schedule, schedule_id=schedule_id)
    return done(Nothing(), "Deleted.")


@router.post("/{schedule_id}/pause", operation_id="pause_schedule")
async def pause_schedule(schedule_id: Id, door: Caller) -> Answer[ScheduleRow]:
    """Start nothing until it is resumed."""
    return done(await door.write(schedules.pause_schedule, schedule_id=schedule_id), "Paused.")


@router.post("/{schedule_id}/resume", operation_id="resume_schedule")
async def resume_schedule(schedule_id: Id, door: Caller) -> Answer[ScheduleRow]:
    """Go on, in your name."""
    return done(await door.write(schedules.resume_schedule, schedule_id=schedule_id), "Resumed.")


@router.post("/{schedule_id}/run", status_code=202, operation_id="run_schedule")
async def run_schedule(schedule_id: Id, door: Caller) -> Answer[RunSummary]:
    """Start its workflow now."""
    return done(RunSummary.model_validate(await door.write(schedules.run_schedule_now, schedule_id=schedule_id)), "The run is queued.")


@router.get("/{schedule_id}/fires", operation_id="list_fires")
async def list_fires(schedule_id: Id, door: Caller, *, cursor: Cursor = "", limit: Limit = 30) -> Answer[Page[FireRow]]:
    """What became of its due moments, the newest first."""
    page = await door.read(schedules.list_fires, schedule_id=schedule_id, cursor=cursor, limit=limit)
    return done(Page(items=list(page.rows), next_cursor=page.next_cursor or None))
