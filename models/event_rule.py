"""Event rules: when this happens, start that; the facts rules may wait for, and what became of each fact under each rule."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field


class FactKind(StrEnum):
    """What may happen."""

    RUN_SUCCEEDED = "run_succeeded"
    RUN_FAILED = "run_failed"
    RUN_CANCELLED = "run_cancelled"
    VERSION_NAMED = "version_named"
    APPROVAL_DECIDED = "approval_decided"


RUN_ENDED = "run_ended"  # a rule's word for any of the first three


class RuleOutcome(StrEnum):
    """What became of a fact under a rule."""

    STARTED = "started"
    SKIPPED = "skipped"  # the condition did not hold
    FAILED = "failed"
    REFUSED = "refused"  # the chain was too long


class EventRule(WorkspaceRow, table=True):
    """Starts `workflow_id` when `kind` happens to `source_id`, or to any workflow without one."""

    __tablename__ = "event_rule"  # type: ignore[assignment]
    __table_args__ = (Index("ix_event_rule_match", "workspace_id", "kind"),)

    name: str = Field(max_length=120)
    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    kind: str = Field(max_length=24)  # FactKind or run_ended
    source_id: uuid.UUID | None = Field(default=None, foreign_key="workflow.id", index=True, ondelete="CASCADE")
    button: str = Field(default="", max_length=63)  # of approval_decided; "" for any
    condition: str = Field(default="", max_length=4000)
    mapping: JsonObject = json_field()  # input of the workflow -> template over the fact
    is_enabled: bool = Field(default=True)
    disabled_reason: str = Field(default="", max_length=400)
    owner_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    deleted_at: datetime | None = stamp_field()


class Fact(WorkspaceRow, table=True):
    """Something that happened, written together with it and delivered to the rules afterwards. `depth`: event-started runs before it."""

    __table_args__ = (
        Index("ix_fact_undelivered", "id", sqlite_where=text("delivered_at IS NULL"), postgresql_where=text("delivered_at IS NULL")),
    )

    kind: str = Field(max_length=24)
    workflow_id: uuid.UUID | None = Field(default=None, foreign_key="workflow.id", ondelete="SET NULL")
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="CASCADE")
    approval_id: uuid.UUID | None = Field(default=None, foreign_key="approval.id", ondelete="CASCADE")
    version_id: uuid.UUID | None = Field(default=None, foreign_key="workflow_version.id", ondelete="CASCADE")
    depth: int = Field(default=0)
    delivered_at: datetime | None = stamp_field()


class RuleFire(WorkspaceRow, table=True):
    """What became of one fact under one rule; whoever inserts the row acts on it."""

    __tablename__ = "rule_fire"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("rule_id", "fact_id"), Index("ix_rule_fire_run_id", "run_id"))

    rule_id: uuid.UUID = Field(foreign_key="event_rule.id", ondelete="CASCADE")
    fact_id: uuid.UUID = Field(foreign_key="fact.id", index=True, ondelete="CASCADE")
    outcome: str = Field(max_length=8)
    cause: str = Field(default="", max_length=24)
    reason: str = Field(default="", max_length=1000)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", ondelete="SET NULL")
    depth: int = Field(default=0)
