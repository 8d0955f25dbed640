"""Schedules: when a workflow starts by itself, what was changed about that, every moment that came due, and when anybody looked."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.json import JsonObject
from models.base import Row, UtcDateTime, WorkspaceRow, json_field, stamp_field


class MissedPolicy(StrEnum):
    """What happens to moments that nobody was there for."""

    SKIP = "skip"
    ONE = "one"
    ALL = "all"  # at most Schedule.most_missed of them


class OverlapPolicy(StrEnum):
    """What happens to a moment while the run before is still going."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


class FireOutcome(StrEnum):
    """What became of a moment; `queued` ones start later."""

    STARTED = "started"
    QUEUED = "queued"
    SKIPPED = "skipped"
    FAILED = "failed"


class Schedule(WorkspaceRow, table=True):
    """`wording` is what a person typed, `cron` how it was understood. `next_at` is the first moment not dealt with; none while paused."""

    __table_args__ = (Index("ix_schedule_next_at", "next_at"),)

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=120)
    wording: str = Field(max_length=300)
    cron: str = Field(max_length=700)
    time_zone: str = Field(max_length=64)
    starts_on: date | None = None  # first and last day, in the schedule's zone
    ends_on: date | None = None
    inputs: JsonObject = json_field()
    missed: str = Field(default=MissedPolicy.ONE, max_length=8)
    most_missed: int = Field(default=5)
    overlap: str = Field(default=OverlapPolicy.SKIP, max_length=8)
    is_enabled: bool = Field(default=True)
    disabled_reason: str = Field(default="", max_length=400)  # when the product, not a person, switched it off
    next_at: datetime | None = stamp_field()
    owner_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")  # in whose name it runs
    deleted_at: datetime | None = stamp_field()


class ScheduleChange(WorkspaceRow, table=True):
    """What a schedule was from this moment on; answers questions about the past."""

    __tablename__ = "schedule_change"  # type: ignore[assignment]
    __table_args__ = (Index("ix_schedule_change_at", "schedule_id", "at"),)

    schedule_id: uuid.UUID = Field(foreign_key="schedule.id", ondelete="CASCADE")
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    kind: str = Field(max_length=12)  # created | edited | paused | resumed | disabled
    by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    reason: str = Field(default="", max_length=400)
    is_enabled: bool
    cron: str = Field(max_length=700)
    time_zone: str = Field(max_length=64)
    starts_on: date | None = None
    ends_on: date | None = None


class ScheduleFire(WorkspaceRow, table=True):
    """One moment that came due, or a span of missed ones (`until`, `count`); whoever inserts the row acts on it."""

    __tablename__ = "schedule_fire"  # type: ignore[assignment]
    __table_args__ = (
        UniqueConstraint("schedule_id", "due_at"),
        Index("ix_schedule_fire_calendar", "workspace_id", "due_at"),
        Index("ix_schedule_fire_run_id", "run_id"),
        Index(
            "ix_schedule_fire_queued",
            "schedule_id",
            sqlite_where=text("outcome = 'queued'"),
            postgresql_where=text("outcome = 'queued'"),
        ),
    )

    schedule_id: uuid.UUID = Field(foreign_key="schedule.id", ondelete="CASCADE")
    due_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    until: datetime | None = stamp_field()
    count: int = Field(default=1)
    outcome: str = Field(max_length=8)
    cause: str = Field(
        default="", max_length=24
    )  # of what did not start at once: missed | overlap | paused | owner | workflow | inputs | ...
    reason: str = Field(default="", max_length=1000)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")  # started, or the one in its way
    is_manual: bool = Field(default=False)


class WatchPeriod(Row, table=True):
    """From `created_at` to `seen_at` at least one worker looked for what is due; between two periods nobody did."""

    __tablename__ = "watch_period"  # type: ignore[assignment]
    __table_args__ = (Index("ix_watch_period_seen_at", "seen_at"),)

    seen_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
