"""Invitations to a workspace; only the SHA-256 of an invitation's 256-bit token is kept."""

import uuid
from datetime import datetime

from sqlmodel import Field

from models.base import UtcDateTime, WorkspaceRow, stamp_field


class Invitation(WorkspaceRow, table=True):
    """One seat offered: to an address (then only who owns that address may take it) or, without one, to whoever holds the link."""

    role: str = Field(max_length=16)
    email: str = Field(default="", max_length=320)  # as it was written; "" for a link
    email_key: str = Field(default="", max_length=320)
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime = Field(sa_type=UtcDateTime, nullable=False)  # type: ignore[call-overload]
    invited_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    accepted_at: datetime | None = stamp_field()
    accepted_by: uuid.UUID | None = Field(default=None, foreign_key="user.id", ondelete="SET NULL")
    revoked_at: datetime | None = stamp_field()
