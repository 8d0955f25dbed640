"""Whom an agent or a workflow is for: what everybody in the workspace may do with it, and what people it was shared with may."""

import uuid
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import WorkspaceRow


class Access(StrEnum):
    """How far a share goes; each includes the ones before. A role remains the ceiling."""

    VIEW = "view"
    RUN = "run"
    EDIT = "edit"


class Sharing(StrEnum):
    """What everybody in the workspace may do, before anybody is named."""

    PRIVATE = "private"
    VIEW = "view"
    RUN = "run"
    EDIT = "edit"


class ResourceGrant(WorkspaceRow, table=True):
    """One person's access to one agent or workflow."""

    __tablename__ = "resource_grant"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("resource_id", "user_id"),)

    kind: str = Field(max_length=16)  # agent | workflow
    resource_id: uuid.UUID
    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    access: str = Field(max_length=8)
