"""Signals: what was sent by name, kept until one waiting step takes it, and the steps that wait for one."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, text, true
from sqlmodel import Field, SQLModel

from models.base import UtcDateTime, WorkspaceRow, json_field, stamp_field

_IS_KEPT = text("consumed_at IS NULL")


class Signal(WorkspaceRow, table=True):
    """One signal. `message_id` is the sender's own name for it: sending it again changes nothing."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "message_id"),
        Index("ix_signal_kept", "workspace_id", "key", "id", sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT),
    )

    key: str = Field(max_length=200)
    value: object = json_field(default=None, nullable=True)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", index=True, ondelete="CASCADE")  # only this run may take it
    message_id: str | None = Field(default=None, max_length=300)
    sent_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    sent_by_run: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")
    acts_for: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")  # whose rights say which runs it reaches
    reaches_all: bool = Field(default=False, sa_column_kwargs={"server_default": true()})  # sent by an owner or admin, or for one
    consumed_at: datetime | None = stamp_field()
    consumed_by: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")


class SignalWait(SQLModel, table=True):
    """A step that waits for a signal; gone when it waits no more."""

    __tablename__ = "signal_wait"  # type: ignore[assignment]
    __table_args__ = (Index("ix_signal_wait_key", "workspace_id", "key"),)

    run_id: uuid.UUID = Field(foreign_key="run.id", primary_key=True, ondelete="CASCADE")
    node: str = Field(max_length=63, primary_key=True)
    iteration: str = Field(default="", max_length=120, primary_key=True)
    workspace_id: uuid.UUID = Field(foreign_key="workspace.id", ondelete="CASCADE")
    key: str = Field(max_length=200)
    since: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    not_before: datetime | None = stamp_field()  # signals sent before are not for this step
