"""Runs: the pinned plan, the run row with its fence and lease, steps, journal events, usage and the outbox."""

import uuid
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from engine.json import JsonObject
from models.base import Row, UtcDateTime, WorkspaceRow, json_field, stamp_field


class RunStatus(StrEnum):
    """The last three are terminal and never rewritten."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunTrigger(StrEnum):
    """What started a run."""

    MANUAL = "manual"
    CHAT = "chat"
    API = "api"
    COMMAND = "command"  # the command line
    SCHEDULE = "schedule"
    WEBHOOK = "webhook"
    EVENT = "event"
    PARENT = "parent"  # a step of another run
    RETRY = "retry"
    FORK = "fork"
    TEST = "test"  # of a workflow's tests
    TRIAL = "trial"  # of a listing, before it is installed


TERMINAL = frozenset({RunStatus.SUCCEEDED, RunStatus.FAILED, RunStatus.CANCELLED})


class StepStatus(StrEnum):
    """State of one node in one run and iteration."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


def _where(name: str, column: str, *, status: str) -> Index:
    """An index of the few runs in one passing status, which the dispatcher reads every few seconds."""
    condition = text(f"status = '{status}'")
    return Index(name, column, sqlite_where=condition, postgresql_where=condition)


class Plan(WorkspaceRow, table=True):
    """A RunPlan, kept once per content and workspace; never changed."""

    __table_args__ = (UniqueConstraint("workspace_id", "digest"),)

    digest: str = Field(max_length=64)
    content: JsonObject = json_field()
    sealed_by: uuid.UUID | None = Field(default=None)  # the listing's version whose content it is; see docs/adr/0020


class Run(WorkspaceRow, table=True):
    """One execution. `fence` rises with each claim; writes carry it. `next_seq` numbers the journal without gaps."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "idempotency_key"),
        Index("ix_run_list", "workspace_id", "kind", "id"),
        Index("ix_run_list_by_workflow", "workflow_id", "id"),
        _where("ix_run_queued", "rung_at", status="queued"),
        _where("ix_run_leased", "lease_until", status="running"),
        _where("ix_run_parked", "wake_at", status="waiting"),
        _where("ix_run_waiting", "trigger", status="waiting"),
        Index(
            "ix_run_origin",
            "origin_run_id",
            sqlite_where=text("origin_run_id IS NOT NULL"),
            postgresql_where=text("origin_run_id IS NOT NULL"),
        ),
        Index(
            "uq_run_child",
            "parent_run_id",
            "parent_node",
            "parent_iteration",
            "parent_attempt",
            unique=True,
            sqlite_where=text("parent_run_id IS NOT NULL"),
            postgresql_where=text("parent_run_id IS NOT NULL"),
        ),
        Index(
            "ix_run_top",
            "workspace_id",
            "kind",
            "id",
            sqlite_where=text("parent_run_id IS NULL"),
            postgresql_where=text("parent_run_id IS NULL"),
        ),
        Index(
            "ix_run_trigger",
            "trigger_id",
            "id",
            sqlite_where=text("trigger_id IS NOT NULL"),
            postgresql_where=text("trigger_id IS NOT NULL"),
        ),
    )

    kind: str = Field(default="workflow", max_length=16)  # workflow | chat | step
    workflow_id: uuid.UUID | None = Field(default=None, foreign_key="workflow.id", ondelete="SET NULL")
    workflow_revision: int | None = None
    conversation_id: uuid.UUID | None = Field(default=None, foreign_key="conversation.id", index=True, ondelete="SET NULL")
    origin_run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")  # retried or forked from
    fork_seq: int | None = None  # a fork keeps the origin's journal up to here
    parent_run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")  # the run whose step started this one
    parent_node: str | None = Field(default=None, max_length=63)
    parent_iteration: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    parent_attempt: int = Field(default=1, sa_column_kwargs={"server_default": "1"})  # each try of the step starts one child
    depth: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # runs above this one
    trigger: str = Field(default="manual", max_length=16, sa_column_kwargs={"server_default": "manual"})  # RunTrigger
    trigger_id: uuid.UUID | None = None  # of the schedule, webhook or event rule
    is_dry: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})  # effects are stubbed
    sealed_by: uuid.UUID | None = Field(default=None)  # a sealed listing's version: nobody of the workspace reads the run
    title: str = Field(default="", max_length=160)
    excerpt: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})  # of what it was given, for lists
    plan_id: uuid.UUID = Field(foreign_key="plan.id")
    inputs: JsonObject = json_field()
    output: object = json_field(default=None, nullable=True)
    error: JsonObject | None = json_field(default=None, nullable=True)
    status: str = Field(default=RunStatus.QUEUED, max_length=16)
    waiting_for: str = Field(default="", max_length=400)
    idempotency_key: str | None = Field(default=None, max_length=200)
    request_hash: str | None = Field(default=None, max_length=64)
    fence: int = Field(default=0)
    owner: str | None = Field(default=None, max_length=120)
    lease_until: datetime | None = stamp_field()
    wake_at: datetime | None = stamp_field()
    rung_at: datetime | None = stamp_field()
    recoveries: int = Field(default=0)
    cancel_requested_at: datetime | None = stamp_field()
    cancel_requested_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    started_at: datetime | None = stamp_field()
    finished_at: datetime | None = stamp_field()
    parked_at: datetime | None = stamp_field()  # it waits since then
    waited_ms: float = Field(default=0, sa_column_kwargs={"server_default": "0"})  # in all waits that are over
    next_seq: int = Field(default=1)
    input_tokens: int = Field(default=0)
    output_tokens: int = Field(default=0)
    cost_micros: int = Field(default=0)
    below_input_tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})  # used by ended runs below this one
    below_output_tokens: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    below_cost_micros: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class Step(SQLModel, table=True):
    """The projection of the journal for one node and iteration."""

    __table_args__ = (
        Index(
            "ix_step_child",
            "run_id",
            sqlite_where=text("status = 'waiting' AND reason = 'child'"),
            postgresql_where=text("status = 'waiting' AND reason = 'child'"),
        ),
    )

    run_id: uuid.UUID = Field(foreign_key="run.id", primary_key=True, ondelete="CASCADE")
    node: str = Field(max_length=63, primary_key=True)
    iteration: str = Field(default="", max_length=120, primary_key=True)
    status: str = Field(max_length=16)
    reason: str = Field(
        default="", max_length=24
    )  # waiting: approval | delay | child | retry | unknown_effect; not run: kept | edited | pinned | stubbed
    wake_at: datetime | None = stamp_field()
    attempt: int = Field(default=1)
    inputs: object = json_field(default=None, nullable=True)
    output: object = json_field(default=None, nullable=True)
    port: str | None = Field(default=None, max_length=63)
    error: JsonObject | None = json_field(default=None, nullable=True)
    started_at: datetime | None = stamp_field()
    finished_at: datetime | None = stamp_field()
    duration_ms: float | None = None
    input_tokens: int = Field(default=0)
    output_tokens: int = Field(default=0)
    cost_micros: int = Field(default=0)


class RunEvent(SQLModel, table=True):
    """One journal event; (run_id, seq) is gapless from 1."""

    __tablename__ = "run_event"  # type: ignore[assignment]

    run_id: uuid.UUID = Field(foreign_key="run.id", primary_key=True, ondelete="CASCADE")
    seq: int = Field(primary_key=True)
    type: str = Field(max_length=24)
    node: str | None = Field(default=None, max_length=63)
    iteration: str = Field(default="", max_length=120)
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    payload: JsonObject = json_field()


class UsageRecord(SQLModel, table=True):
    """What one model call used; the key makes counting it twice impossible."""

    __tablename__ = "usage_record"  # type: ignore[assignment]

    run_id: uuid.UUID = Field(foreign_key="run.id", primary_key=True, ondelete="CASCADE")
    node: str = Field(max_length=63, primary_key=True)
    iteration: str = Field(default="", max_length=120, primary_key=True)
    attempt: int = Field(primary_key=True)
    call: int = Field(primary_key=True)
    workspace_id: uuid.UUID = Field(foreign_key="workspace.id", index=True, ondelete="CASCADE")
    model: str = Field(max_length=200)
    input_tokens: int = Field(default=0)
    output_tokens: int = Field(default=0)
    cost_micros: int = Field(default=0)
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]


class EffectRecord(SQLModel, table=True):
    """An effectful call: intent written before, done after; intent without done after a crash means unknown."""

    __tablename__ = "effect_record"  # type: ignore[assignment]

    key: str = Field(max_length=255, primary_key=True)  # run:node:iteration:attempt
    run_id: uuid.UUID = Field(foreign_key="run.id", index=True, ondelete="CASCADE")
    state: str = Field(max_length=10)  # intent | done | unknown
    created_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    finished_at: datetime | None = stamp_field()


class Approval(WorkspaceRow, table=True):
    """A person's decision that a run waits for."""

    __table_args__ = (
        UniqueConstraint("run_id", "node", "iteration"),
        Index("ix_approval_pending", "workspace_id", "status"),
    )

    run_id: uuid.UUID = Field(foreign_key="run.id", index=True, ondelete="CASCADE")
    node: str = Field(max_length=63)
    iteration: str = Field(default="", max_length=120)
    title: str = Field(default="", max_length=200)
    request: JsonObject = json_field()  # message (Markdown), buttons, fields, shown values
    status: str = Field(default="pending", max_length=16)  # pending | decided | expired | cancelled
    button: str | None = Field(default=None, max_length=63)
    note: str = Field(default="", max_length=4000)
    values: JsonObject | None = json_field(default=None, nullable=True)
    decided_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    decided_at: datetime | None = stamp_field()
    expires_at: datetime | None = stamp_field()


class Outbox(Row, table=True):
    """A message that must leave after commit; whoever sends or receives it deletes the row. For kind `run` the id is the run's."""

    __table_args__ = (Index("ix_outbox_created_at", "created_at"),)

    kind: str = Field(max_length=32)  # run
    attempts: int = Field(default=0)
