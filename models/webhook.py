"""Incoming webhooks: addresses that start runs, and what was delivered to them."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import WorkspaceRow, json_field, stamp_field


class Webhook(WorkspaceRow, table=True):
    """An address that starts a workflow. It is found by the hash of its token; the sealed token is shown to editors."""

    workflow_id: uuid.UUID = Field(foreign_key="workflow.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=120)
    token_hash: str = Field(max_length=64, unique=True)
    token_sealed: str = Field(max_length=400)
    methods: list[str] = json_field()
    auth: str = Field(max_length=16)  # none | secret | signature | hmac
    auth_header: str = Field(default="", max_length=80)  # of secret and hmac
    secrets: list[JsonObject] = json_field()  # {id, sealed, last_four, created_at, until}; newest first
    reply: str = Field(max_length=16)  # accepted | result
    wait_s: int = Field(default=30)
    input_mode: str = Field(max_length=16)  # fields | mapping | request
    mapping: JsonObject = json_field()  # input name -> template
    key_header: str = Field(default="", max_length=80)  # the client's idempotency key
    max_bytes: int
    rate_per_minute: int
    is_paused: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    runs_as: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    listening_since: datetime | None = stamp_field()
    listening_until: datetime | None = stamp_field()
    listening_runs: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})  # a test request starts a run
    sample: JsonObject | None = json_field(default=None, nullable=True)  # {method, headers, query, body} of a request, without secrets
    created_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    deleted_at: datetime | None = stamp_field()


class WebhookDelivery(WorkspaceRow, table=True):
    """One request and what became of it. `excerpt` is for reading, without secrets; `request_sealed` is the whole, for replay."""

    __tablename__ = "webhook_delivery"  # type: ignore[assignment]
    __table_args__ = (
        UniqueConstraint("webhook_id", "dedupe_key"),
        Index("ix_webhook_delivery_list", "webhook_id", "id"),
        Index("ix_webhook_delivery_age", "created_at"),
    )

    webhook_id: uuid.UUID = Field(foreign_key="webhook.id", ondelete="CASCADE")
    verdict: str = Field(max_length=16)  # accepted | duplicate | refused | captured
    code: str = Field(default="", max_length=40)  # why it was refused
    message: str = Field(default="", max_length=1000)
    method: str = Field(max_length=10)
    query: JsonObject = json_field()
    headers: JsonObject = json_field()
    content_type: str = Field(default="", max_length=120)
    size: int = Field(default=0)
    excerpt: str = Field(default="", sa_type=sa.Text)  # type: ignore[call-overload]
    request_sealed: str | None = Field(default=None, sa_type=sa.Text, nullable=True)  # type: ignore[call-overload]
    dedupe_key: str | None = Field(default=None, max_length=300)
    request_hash: str = Field(default="", max_length=64)
    proof: str = Field(default="", max_length=64)  # of a signed message: tells a replay from a sender's second try
    address: str = Field(default="", max_length=64)
    run_id: uuid.UUID | None = Field(default=None, foreign_key="run.id", index=True, ondelete="SET NULL")
    reply_nodes: list[str] = json_field()  # the run's respond steps
    response_status: int | None = None
    response_excerpt: str = Field(default="", sa_type=sa.Text)  # type: ignore[call-overload]
    duration_ms: float | None = None
    is_test: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    replay_of: uuid.UUID | None = None
