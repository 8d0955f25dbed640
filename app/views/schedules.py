"""What pages, the command line and the API may see of schedules."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime

from engine.json import JsonObject


@dataclass(frozen=True, slots=True)
class FireRow:
    """What became of one due moment, or of a span of missed ones. `run_status` is of the run it started."""

    id: uuid.UUID
    due_at: datetime
    at: datetime
    outcome: str  # started | queued | skipped | failed
    until: datetime | None = None
    count: int = 1
    cause: str = ""
    reason: str = ""
    run_id: uuid.UUID | None = None
    run_status: str = ""
    is_manual: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One line of the list. `said` is the timing in words; `next_at` is None while paused and after the last day."""

    id: uuid.UUID
    name: str
    workflow_id: uuid.UUID
    workflow_name: str
    wording: str
    said: str
    cron: str
    time_zone: str
    is_enabled: bool
    disabled_reason: str
    next_at: datetime | None
    owner: str
    is_finished: bool = False
    is_workflow_deleted: bool = False
    last: FireRow | None = None


@dataclass(frozen=True, slots=True)
class ScheduleList:
    """The schedules of a workspace; `unwatched_since` is set while no worker looks for what is due."""

    rows: tuple[ScheduleRow, ...]
    total: int
    can_edit: bool
    unwatched_since: datetime | None = None
    is_unwatched: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleDetail:
    """A schedule as its page edits it."""

    row: ScheduleRow
    inputs: JsonObject
    starts_on: date | None
    ends_on: date | None
    missed: str
    most_missed: int
    overlap: str
    can_edit: bool
    can_run: bool
    is_mine: bool


@dataclass(frozen=True, slots=True)
class FirePage:
    """A page of fires, newest first; `next_cursor` is "" on the last page."""

    rows: tuple[FireRow, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class TimingPreview:
    """How a wording is understood: the expression, the words, the next moments in UTC, and what the clocks do to some of them."""

    cron: str
    said: str
    fires: tuple[datetime, ...]
    notes: dict[datetime, str] = field(default_factory=dict[datetime, str])


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A moment of a schedule in the calendar, or a whole day of a frequent one (`count` moments from `at` to `last_at`)."""

    schedule_id: uuid.UUID
    name: str
    workflow_name: str
    at: datetime
    outcome: str  # due | started | queued | skipped | failed
    last_at: datetime | None = None
    count: int = 1
    run_id: uuid.UUID | None = None
    run_status: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to "why did it (not) run then?". `verdict` is one word for programs, `headline` and `details` are for people."""

    verdict: str
    headline: str
    details: tuple[str, ...] = ()
    moment: datetime | None = None
    fire: FireRow | None = None
    before: datetime | None = None
    after: datetime | None = None
