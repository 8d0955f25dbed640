"""Tests of workflows: inputs with what must come out of them, kept with the workflow and exported with it."""

import uuid

from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field


class WorkflowTest(WorkspaceRow, table=True):
    """One test; `content` is an engine.blueprint.cases.TestCase. How it went is read from the run it had last."""

    __tablename__ = "workflow_test"  # type: ignore[assignment]

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    position: int = Field(default=0)
    content: JsonObject = json_field()
    last_run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")
    judged: JsonObject | None = json_field(default=None, nullable=True)  # the content that the last run was started with
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
