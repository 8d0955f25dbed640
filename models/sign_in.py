"""A workspace's own way in: an OpenID Connect provider that opens this workspace alone, and the domains that are proved its own."""

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import WorkspaceRow, stamp_field


class WorkspaceSignIn(WorkspaceRow, table=True):
    """The provider. `is_required`: who is no owner comes into this workspace by no other way."""

    __tablename__ = "workspace_sign_in"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id"),)

    name: str = Field(max_length=60)
    issuer: str = Field(max_length=500)
    client_id: str = Field(max_length=300)
    sealed: str = Field(sa_type=sa.Text)  # the client secret
    last_four: str = Field(default="", max_length=4)
    default_role: str = Field(max_length=16)
    believes_email: bool = Field(default=False)  # also addresses that the provider does not call verified
    is_enabled: bool = Field(default=True)
    is_required: bool = Field(default=False)
    tested_at: datetime | None = stamp_field()
    test_ok: bool | None = None
    test_message: str = Field(default="", max_length=300)


class SignInDomain(WorkspaceRow, table=True):
    """A domain whose people may come in by themselves, once its DNS says so. `held` is the domain while it is proved."""

    __tablename__ = "sign_in_domain"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("workspace_id", "domain"),)

    domain: str = Field(max_length=253)
    token: str = Field(max_length=64)
    held: str | None = Field(default=None, max_length=253, unique=True)
    confirmed_at: datetime | None = stamp_field()


class WorkspaceIdentity(WorkspaceRow, table=True):
    """A person as the workspace's provider knows them. The key is the provider's own subject, never an address."""

    __tablename__ = "workspace_identity"  # type: ignore[assignment]
    __table_args__ = (UniqueConstraint("sign_in_id", "subject"),)

    sign_in_id: uuid.UUID = Field(foreign_key="workspace_sign_in.id", ondelete="CASCADE")
    user_id: uuid.UUID = Field(foreign_key="user.id", index=True, ondelete="CASCADE")
    subject: str = Field(max_length=255)
    label: str = Field(default="", max_length=320)
    last_used_at: datetime | None = stamp_field()
