"""Identities at other providers, and sign-ins on their way there and back."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import Row, UtcDateTime, stamp_field


class ExternalIdentity(Row, table=True):
    """An account elsewhere that signs a person in. The key is who issued it and its subject there, never an e-mail address."""

    __tablename__ = "external_identity"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    provider: str = Field(max_length=40)
    issuer: str = Field(max_length=500)
    subject: str = Field(max_length=255)
    label: str = Field(default="", max_length=320)
    last_used_at: datetime | None = stamp_field()


class SignInAttempt(Row, table=True):
    """A sign-in on its way through another provider; its state is bound to the browser that began it, and used once."""

    __tablename__ = "sign_in_attempt"  # type: ignore[assignment]

    provider: str = Field(max_length=40)
    state_hash: str = Field(max_length=64, unique=True)
    browser_hash: str = Field(max_length=64)
    sealed: str = Field(sa_type=sa.Text)  # nonce and PKCE verifier
    destination: str = Field(default="/", max_length=300)
    user_id: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="CASCADE")  # who links, instead of signing in
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False, index=True)  # type: ignore[call-overload]
    used_at: datetime | None = stamp_field()
