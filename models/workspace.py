"""Workspaces (the tenants) and who belongs to them with which role."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, UtcDateTime, WorkspaceRow, stamp_field


class Role(StrEnum):
    """What a member may do; see app.core.permissions."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Workspace(Row, table=True):
    """A tenant. One that was deleted is closed first: nobody is a member, and after `purge_at` its rows go in batches."""

    name: str = Field(max_length=120)
    closed_at: datetime | None = stamp_field()
    closed_by: uuid.UUID | None = Field(default=None)  # no foreign key: an account may go before the workspace
    purge_at: datetime | None = stamp_field(index=True)  # none once all is gone that goes
    purge_began_at: datetime | None = stamp_field()  # nothing is restored any more


class Membership(WorkspaceRow, table=True):
    """A person in a workspace."""

    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    role: str = Field(max_length=16)


class ClosedMembership(WorkspaceRow, table=True):
    """A person in a closed workspace: no membership, so it opens nothing, but what restoring makes one of again."""

    __tablename__ = "closed_membership"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    role: str = Field(max_length=16)
    joined_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
