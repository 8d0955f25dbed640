"""Agents and their immutable versions."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field
from models.grant import Sharing


class Agent(WorkspaceRow, table=True):
    """An agent; `slug` is what workflows name it by; `version` is the newest version's number."""

    __table_args__ = (UniqueConstraint("workspace_id", "slug"), Index("ix_agent_sharing", "workspace_id", "sharing"))

    slug: str = Field(max_length=63)
    name: str = Field(max_length=80)
    role: str = Field(default="", max_length=200)
    model: str = Field(max_length=200)
    version: int = Field(default=1)
    origin: JsonObject | None = json_field(default=None, nullable=True)  # as for workflows
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    owner_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", index=True, ondelete="SET NULL")  # whose it is now
    sharing: str = Field(default=Sharing.EDIT, max_length=8, sa_column_kwargs={"server_default": "edit"})
    deleted_at: datetime | None = stamp_field()


class AgentVersion(WorkspaceRow, table=True):
    """One saved AgentSpec; never changed afterwards."""

    __tablename__ = "agent_version"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("agent_id", "number"),)

    agent_id: uuid.UUID = Field(foreign_key="agent.id", index=True, ondelete="CASCADE")
    number: int
    spec: JsonObject = json_field()
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
