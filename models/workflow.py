"""Workflows: the live draft, the log of edits that merges are decided by, named immutable versions, and outputs pinned for test runs."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field
from models.grant import Sharing


class Workflow(WorkspaceRow, table=True):
    """A workflow; `draft` is the current WorkflowSpec and `revision` rises with every accepted edit."""

    __table_args__ = (Index("ix_workflow_sharing", "workspace_id", "sharing"),)

    name: str = Field(max_length=120)
    description: str = Field(default="", max_length=4000)
    draft: JsonObject = json_field()
    revision: int = Field(default=1)
    error_count: int = Field(default=0)
    template_key: str | None = Field(default=None, max_length=80)
    origin: JsonObject | None = json_field(default=None, nullable=True)  # engine.blueprint.bundle.Origin, where it came from a listing
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    owner_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", index=True, ondelete="SET NULL")  # whose it is now
    sharing: str = Field(default=Sharing.EDIT, max_length=8, sa_column_kwargs={"server_default": "edit"})
    deleted_at: datetime | None = stamp_field()


class WorkflowEdit(WorkspaceRow, table=True):
    """One accepted batch of edit operations; `touched` lists the node-and-field keys it changed."""

    __tablename__ = "workflow_edit"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workflow_id", "revision"), UniqueConstraint("workflow_id", "client_key"))

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    revision: int
    client_key: str = Field(max_length=80)  # makes a repeated save harmless
    operations: list[JsonObject] = json_field()
    touched: list[str] = json_field()
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class WorkflowVersion(WorkspaceRow, table=True):
    """A snapshot of the draft; only its name and note change afterwards. `origin` says what took it: edit, run, name, restore."""

    __tablename__ = "workflow_version"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workflow_id", "number"),)

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    number: int
    revision: int
    name: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=2000, sa_column_kwargs={"server_default": ""})
    origin: str = Field(default="edit", max_length=20, sa_column_kwargs={"server_default": "edit"})
    restored_from: int | None = None  # number of the version that was brought back
    node_count: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    spec: JsonObject = json_field()
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")


class NodePin(WorkspaceRow, table=True):
    """An output that test runs from the editor use instead of running the step; `kind` tells when the step became something else."""

    __tablename__ = "node_pin"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workflow_id", "node"),)

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", ondelete="CASCADE")
    node: str = Field(max_length=63)
    kind: str = Field(max_length=40)
    output: object = json_field(default=None, nullable=True)
    port: str = Field(default="out", max_length=63)
    size_bytes: int
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
