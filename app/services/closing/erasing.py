"""What of a person goes with the account, and what stays without a name; a test wants every table that names people in the lists."""

from collections.abc import Mapping
from types import MappingProxyType

import sqlalchemy as sa
from sqlmodel import SQLModel, col

import models as m
from app.core.audit import record
from app.core.uow import UnitOfWork
from models.user import DELETED, NOWHERE, User

GOES: tuple[type[SQLModel], ...] = (
    m.ApiKey, m.UserSession, m.AccountTicket, m.RecoveryCode, m.LetterStop, m.ExternalIdentity, m.WorkspaceIdentity, m.SignInAttempt,
    m.KeptAnswer, m.ResourceGrant, m.ReviewLetter, m.Membership, m.ClosedMembership,
)  # fmt: skip
"""Deleted with the account: by `user_id`. Refresh tokens go with their sessions."""

STAYS: Mapping[type[SQLModel], str] = MappingProxyType(
    {
        m.Conversation: "what was said to agents of a workspace is the workspace's, as when a member leaves",
        m.Review: "public, and others' stars are made of it; it stays under the name of a deleted account",
        m.ReviewVote: "others' stars and counts are made of it",
    }
)
"""Rows of a person that stay with a workspace or a listing, under the name that a deleted account has."""


def erase(uow: UnitOfWork, user: User) -> None:
    """Take away all that signs in, and the name and address; both are free for others from now on."""
    uow.session.flush()
    connection = uow.session.connection()
    for table in (model.__table__ for model in GOES):  # type: ignore[attr-defined]
        connection.execute(sa.delete(table).where(table.c.user_id == user.id))
    waiting = sa.delete(m.Mail).where(col(m.Mail.to) == user.email, col(m.Mail.sent_at).is_(None))
    connection.execute(waiting)
    connection.execute(sa.update(m.Review).where(col(m.Review.author_id) == user.id).values(author=DELETED))
    uow.session.expire_all()
    now, mark = uow.ports.clock.now(), f"deleted-{user.id.hex}"
    user.name, user.email, user.email_key = DELETED, f"{mark}@{NOWHERE}", mark
    user.password_hash = user.totp_sealed = user.totp_since = user.email_verified_at = None
    user.disabled_at = user.deleted_at = now
    uow.session.add(user)
    record(uow.trail, kind="account", resource_id=user.id, note="The account was deleted.")
    uow.session.flush()
