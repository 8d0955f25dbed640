"""Who calls the API: an API key, an access token or a browser's cookie becomes an actor, with membership and role as SQL has them now."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import bindparam, case
from sqlmodel import col, select, update

from app.core.errors import NotSignedIn
from app.core.permissions import Permission, permissions_of
from app.core.ports import TokenRefused
from app.core.uow import Actor, UnitOfWork
from app.services.access.keys import KEY_MARK
from app.services.accounts import hash_token, resolve_actor
from app.services.accounts.entering import opens
from app.views.access import CallerView
from models.api_access import ApiKey
from models.user import User, UserSession
from models.workspace import Membership, Role, Workspace

NOTED_EVERY = timedelta(minutes=1)
# Every call begins with one of these; writing them down anew takes as long as SQL takes to answer.
_KEY = (
    select(ApiKey, User, Membership)
    .join(User, col(User.id) == col(ApiKey.user_id))
    .join(Membership, (col(Membership.user_id) == col(User.id)) & (col(Membership.workspace_id) == col(ApiKey.workspace_id)))
    .where(col(ApiKey.key_hash) == bindparam("key_hash"))
)
_chosen = case((col(Membership.workspace_id) == col(UserSession.workspace_id), 0), else_=1)
_SESSION = (
    select(UserSession, User, Membership)
    .join(User, col(User.id) == col(UserSession.user_id))
    .join(Membership, col(Membership.user_id) == col(User.id))
    .where(col(UserSession.id) == bindparam("session_id"), col(UserSession.user_id) == bindparam("user_id"), opens())
    .order_by(_chosen, col(Membership.created_at), col(Membership.id))
)


class NotAuthenticated(NotSignedIn):
    """No key or token that counts; the same words for absent, unknown, expired and revoked ones."""

    def __init__(self) -> None:
        super().__init__()
        self.message = "This call needs a valid API key or access token: Authorization: Bearer ..."


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request shows: the text of an Authorization header or API key header, or of the session cookie."""

    bearer: str = field(default="", repr=False)
    cookie: str = field(default="", repr=False)


def resolve_caller(uow: UnitOfWork, *, credential: Credential) -> Actor:
    """The actor of a request, or NotAuthenticated."""
    if credential.bearer.startswith(KEY_MARK):
        actor = _by_key(uow, credential.bearer)
    elif credential.bearer:
        actor = _by_token(uow, credential.bearer)
    else:
        actor = resolve_actor(uow, token=credential.cookie)
    if actor is None:
        raise NotAuthenticated()
    return actor


def describe_caller(uow: UnitOfWork) -> CallerView:
    """Who the actor is, in which workspace, and what it may do."""
    actor = uow.actor
    if actor is None:
        raise NotSignedIn()
    user, space = uow.session.get(User, actor.user_id), uow.session.get(Workspace, actor.workspace_id)
    if user is None or space is None:
        raise NotSignedIn()
    granted = permissions_of(actor)
    return CallerView(
        user_id=user.id,
        name=user.name,
        email=user.email,
        workspace_id=space.id,
        workspace=space.name,
        role=actor.role.value,
        permissions=tuple(permission.value for permission in Permission if permission in granted),
        key_id=actor.key_id,
    )


def note_key_use(uow: UnitOfWork, *, key_id: uuid.UUID, address: str) -> bool:
    """Write down that a key was used, at most once a minute; tells whether it wrote."""
    now = uow.ports.clock.now()
    is_due = col(ApiKey.last_used_at).is_(None) | (col(ApiKey.last_used_at) < now - NOTED_EVERY)
    statement = update(ApiKey).where(col(ApiKey.id) == key_id, is_due).values(last_used_at=now, last_address=address[:64])
    return bool(uow.session.connection().execute(statement).rowcount)


def _by_key(uow: UnitOfWork, text: str) -> Actor | None:
    row = uow.session.exec(_KEY, params={"key_hash": hash_token(text)}).first() if text.isascii() and len(text) < 200 else None
    if row is None:
        return None
    key, user, membership = row
    if key.revoked_at or key.expires_at <= uow.ports.clock.now() or not _may_sign_in(uow, user):
        return None
    scopes = frozenset(key.scopes)
    return Actor(user_id=user.id, workspace_id=key.workspace_id, role=Role(membership.role), key_id=key.id, scopes=scopes)


def _by_token(uow: UnitOfWork, text: str) -> Actor | None:
    now = uow.ports.clock.now()
    try:
        claims = uow.ports.tokens.read(text, now=now)
    except TokenRefused:
        return None
    row = uow.session.exec(_SESSION, params={"session_id": claims.session_id, "user_id": claims.user_id}).first()
    if row is None:
        return None
    session, user, membership = row
    if session.confined_to or session.revoked_at or session.expires_at <= now or not _may_sign_in(uow, user):
        return None
    return Actor(user_id=user.id, workspace_id=membership.workspace_id, role=Role(membership.role), session_id=session.id)


def _may_sign_in(uow: UnitOfWork, user: User) -> bool:
    return user.disabled_at is None and (not user.is_demo or uow.ports.demo_account_allowed)
