"""Workspaces (the tenants) and who belongs to them with which role."""

import uuid
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, WorkspaceRow


class Role(StrEnum):
    """What a member may do; see app.core.permissions."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Workspace(Row, table=True):
    """A tenant."""

    name: str = Field(max_length=120)


class Membership(WorkspaceRow, table=True):
    """A person in a workspace."""

    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    role: str = Field(max_length=16)
