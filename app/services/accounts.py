"""Accounts: sign-up, sign-in, sign-out and who a session token belongs to."""

import hashlib

from sqlmodel import select

from app.core.uow import Actor, UnitOfWork
from models.user import User, UserSession
from models.workspace import Membership, Role


def hash_token(token: str) -> str:
    """Return the SHA-256 hex digest under which a session token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def resolve_actor(uow: UnitOfWork, *, token: str) -> Actor | None:
    """Return who the token belongs to, with the role as it is in SQL now; None for no, expired or revoked session."""
    if not token:
        return None
    row = uow.session.exec(
        select(UserSession, User, Membership)
        .join(User, User.id == UserSession.user_id)  # type: ignore[arg-type]
        .join(Membership, (Membership.user_id == User.id) & (Membership.workspace_id == UserSession.workspace_id))  # type: ignore[arg-type]
        .where(UserSession.token_hash == hash_token(token))
    ).first()
    if row is None:
        return None
    session, user, membership = row
    if session.revoked_at or session.expires_at <= uow.ports.clock.now() or user.disabled_at:
        return None
    return Actor(user_id=user.id, workspace_id=membership.workspace_id, role=Role(membership.role), session_id=session.id)
