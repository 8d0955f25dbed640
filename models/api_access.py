"""What programs show instead of a browser's cookie: API keys and refresh tokens; and the answers kept under idempotency keys."""

import uuid
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from engine.json import JsonObject
from models.base import Row, UtcDateTime, WorkspaceRow, json_field, stamp_field


class ApiKey(WorkspaceRow, table=True):
    """A key of one person in one workspace; only its SHA-256 is kept. `prefix` is the part that is shown again."""

    __tablename__ = "api_key"  # type: ignore[assignment]

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=80)
    prefix: str = Field(max_length=16)
    key_hash: str = Field(max_length=64, unique=True)
    scopes: list[str] = json_field(default_factory=list)
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    revoked_at: datetime | None = stamp_field()
    last_used_at: datetime | None = stamp_field()
    last_address: str = Field(default="", max_length=64)


class RefreshToken(Row, table=True):
    """One link in the chain of a programmatic sign-in; a used one that comes again ends the whole session."""

    __tablename__ = "refresh_token"  # type: ignore[assignment]

    session_id: uuid.UUID = Field(foreign_key="user_session.id", index=True, ondelete="CASCADE")
    token_hash: str = Field(max_length=64, unique=True)
    used_at: datetime | None = stamp_field()


class KeptAnswer(WorkspaceRow, table=True):
    """What a request with an Idempotency-Key was answered, so that its repetition does nothing and hears the same."""

    __tablename__ = "kept_answer"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id", "user_id", "key"), Index("ix_kept_answer_created_at", "created_at"))

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    key: str = Field(max_length=200)
    request_hash: str = Field(max_length=64)
    status: int
    body: JsonObject = json_field(default_factory=dict)
