"""People and their browser sessions."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from models.base import Row, UtcDateTime, stamp_field

DELETED = "Deleted account"  # what others see of a person who is gone
NOWHERE = "deleted.invalid"  # the domain of addresses that nobody has (RFC 2606)


class User(Row, table=True):
    """A person. `email_key` is the canonical form that makes addresses unique."""

    email: str = Field(max_length=320)
    email_key: str = Field(max_length=320, unique=True)
    name: str = Field(max_length=120)
    password_hash: str | None = Field(default=None, max_length=255)
    is_demo: bool = Field(default=False)
    disabled_at: datetime | None = stamp_field()
    deleted_at: datetime | None = stamp_field()  # by the person; the row stays for what others keep of them, and names nobody
    email_verified_at: datetime | None = stamp_field()
    totp_sealed: str | None = Field(default=None, max_length=400)  # of the authenticator app; waits for its first code until totp_since
    totp_since: datetime | None = stamp_field()
    totp_last_step: int = Field(
        default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"}
    )  # the 30 seconds of the last code, so that none is taken twice


class UserSession(Row, table=True):
    """A signed-in browser; only the SHA-256 of its opaque token is kept."""

    __tablename__ = "user_session"  # type: ignore[assignment]

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    workspace_id: uuid.UUID | None = Field(default=None, foreign_key="workspace.id", ondelete="SET NULL")
    confined_to: uuid.UUID | None = Field(  # opened by this workspace's own provider, and good for nothing else
        default=None, foreign_key="workspace.id", index=True, ondelete="CASCADE"
    )
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    revoked_at: datetime | None = stamp_field()
    last_seen_at: datetime | None = stamp_field()
    user_agent: str = Field(default="", max_length=400)
    address: str = Field(default="", max_length=64)
