"""The audit trail: per workspace a chain of entries, each sealed to the one before, and the head that says where it ends."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.json import JsonObject
from models.base import UtcDateTime, WorkspaceRow, json_field


class AuditEntry(WorkspaceRow, table=True):
    """Who did what to which thing, from where. Names are kept as they were; nothing here points to rows that may go."""

    __tablename__ = "audit_entry"  # type: ignore[assignment]
    __table_args__ = (
        UniqueConstraint("workspace_id", "seq"),
        Index("ix_audit_entry_actor", "workspace_id", "actor_id", "seq"),
        Index("ix_audit_entry_action", "workspace_id", "action", "seq"),
        Index("ix_audit_entry_kind", "workspace_id", "kind", "seq"),
        Index("ix_audit_entry_resource", "workspace_id", "resource_id", "seq"),
    )

    seq: int
    at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    actor_id: uuid.UUID | None = None
    actor_name: str = Field(default="", max_length=200)
    actor_kind: str = Field(max_length=16)  # person | key | run | system | console
    via: str = Field(default="", max_length=16)  # browser | api | console | job
    address: str = Field(default="", max_length=64)
    action: str = Field(max_length=80)  # area.verb_noun
    outcome: str = Field(max_length=16)  # done | denied | failed
    kind: str = Field(default="", max_length=40)  # of the thing: workflow, credential, ...
    resource_id: str = Field(default="", max_length=64)
    name: str = Field(default="", max_length=200)
    changes: JsonObject = json_field()  # field -> [before, after]
    note: str = Field(default="", max_length=500)
    mac: str = Field(max_length=64)


class AuditHead(SQLModel, table=True):
    """Where a workspace's chain begins and ends; its row is the lock under which the chain grows."""

    __tablename__ = "audit_head"  # type: ignore[assignment]

    workspace_id: uuid.UUID = Field(foreign_key="workspace.id", primary_key=True, ondelete="CASCADE")
    key_sealed: str = Field(max_length=400)
    first_seq: int = Field(default=1)  # of what is kept
    first_mac: str = Field(default="", max_length=64)  # the mac before it: what was removed in time ended with this
    first_proof: str = Field(default="", max_length=64)  # that the removal was the product's own
    last_seq: int = Field(default=0)
    last_mac: str = Field(default="", max_length=64)
    retention_days: int = Field(default=365)
