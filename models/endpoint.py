"""Outgoing webhooks: addresses of others, the messages owed to them, and each attempt to deliver one."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.json import JsonObject
from models.base import UtcDateTime, WorkspaceRow, json_field, stamp_field


class WebhookEndpoint(WorkspaceRow, table=True):
    """An address that hears of events. `disabled` is what we do to one that fails for days; `reason` says so."""

    __tablename__ = "webhook_endpoint"  # type: ignore[assignment]

    name: str = Field(max_length=120)
    url: str = Field(max_length=2000)
    events: list[str] = json_field()
    workflow_ids: list[str] = json_field()  # empty: all
    secrets: list[JsonObject] = json_field()  # {id, sealed, last_four, created_at, until}; newest first
    state: str = Field(default="active", max_length=16)  # active | paused | disabled
    reason: str = Field(default="", max_length=500)
    failures: int = Field(default=0)  # in a row
    failing_since: datetime | None = stamp_field()
    last_success_at: datetime | None = stamp_field()
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    deleted_at: datetime | None = stamp_field()


class WebhookMessage(WorkspaceRow, table=True):
    """One event for one endpoint; its id is the message id that receivers see, the same at every attempt."""

    __tablename__ = "webhook_message"  # type: ignore[assignment]
    __table_args__ = (
        Index("ix_webhook_message_list", "endpoint_id", "id"),
        Index("ix_webhook_message_age", "created_at"),
        Index("ix_webhook_message_due", "due_at", sqlite_where=text("status = 'pending'"), postgresql_where=text("status = 'pending'")),
    )

    endpoint_id: uuid.UUID = Field(foreign_key="webhook_endpoint.id", ondelete="CASCADE")
    event: str = Field(max_length=40)
    payload: JsonObject = json_field()
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", index=True, ondelete="SET NULL")
    workflow_id: uuid.UUID | None = Field(default=None, foreign_key="workflow.id", index=True, ondelete="SET NULL")  # what it tells of
    status: str = Field(default="pending", max_length=16)  # pending | delivered | failed
    attempts: int = Field(default=0)
    due_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    fence: int = Field(default=0)
    owner: str | None = Field(default=None, max_length=120)
    lease_until: datetime | None = stamp_field()
    last_status: int | None = None
    last_error: str = Field(default="", max_length=500)
    finished_at: datetime | None = stamp_field()
    is_test: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})


class WebhookAttempt(WorkspaceRow, table=True):
    """One request that was sent, and what came back."""

    __tablename__ = "webhook_attempt"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    message_id: uuid.UUID = Field(foreign_key="webhook_message.id", ondelete="CASCADE")
    number: int
    url: str = Field(default="", max_length=2000)
    status: int | None = None
    error: str = Field(default="", max_length=500)
    response_headers: JsonObject = json_field()
    response_excerpt: str = Field(default="", sa_type=sa.Text)  # type: ignore[call-overload]
    duration_ms: float | None = None
