"""Session tokens: opaque 256-bit random values of which only the SHA-256 is kept, and whom they belong to."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import case
from sqlmodel import col, select

from app.core.uow import Actor, UnitOfWork
from app.services.accounts.entering import opens
from models.user import User, UserSession
from models.workspace import Membership, Role

SESSION_LIFETIME = timedelta(days=14)  # since it was last used
TOUCH_AFTER = timedelta(minutes=10)


def new_token() -> str:
    """Return a fresh session token."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the SHA-256 hex digest under which a session token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def resolve_actor(uow: UnitOfWork, *, token: str, via: str = "", address: str = "") -> Actor | None:
    """Return who the token belongs to, with the role as it is in SQL now; None for no, expired or revoked session.

    Someone who lost the session's workspace continues in the oldest one that is left. `via` and `address` are for the audit trail.
    """
    if not token:
        return None
    chosen = case((col(Membership.workspace_id) == col(UserSession.workspace_id), 0), else_=1)
    row = uow.session.exec(
        select(UserSession, User, Membership)
        .join(User, col(User.id) == col(UserSession.user_id))
        .join(Membership, col(Membership.user_id) == col(User.id))
        .where(UserSession.token_hash == hash_token(token), opens())
        .order_by(chosen, col(Membership.created_at), col(Membership.id))
    ).first()
    if row is None:
        return None
    session, user, membership = row
    if session.revoked_at or session.expires_at <= uow.ports.clock.now() or user.disabled_at:
        return None
    if user.is_demo and not uow.ports.demo_account_allowed:
        return None
    role = Role(membership.role)
    is_confined = session.confined_to is not None
    return Actor(user.id, membership.workspace_id, role, session_id=session.id, is_confined=is_confined, via=via, address=address)
