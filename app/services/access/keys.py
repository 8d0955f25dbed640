"""API keys: made, listed and revoked by people. A key never does more than its scopes and its person's present role both allow."""

import secrets
import string
import uuid
from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, func, select

from app.core.errors import LimitReached, NotFound
from app.core.permissions import Permission, permissions_of, require, require_person
from app.core.problems import Problems
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.accounts import hash_token
from app.views.access import ApiKeyRow, MadeApiKey, ScopeOption
from engine.words import as_words
from models.api_access import ApiKey
from models.ids import parse_id
from models.user import User

KEY_MARK = "af_"
LIFETIME_DAYS = 90
LIFETIME_MAX_DAYS = 366
NAME_MAX = 80
KEYS_MAX = 50
SHOWN_MAX = 500
_LETTERS = string.ascii_lowercase + string.digits
SCOPES = {
    Permission.VIEW: "Read agents, workflows, runs and everything else in the workspace.",
    Permission.RUN: "Start, retry and cancel runs; chat with agents.",
    Permission.EDIT: "Create, change and delete agents, workflows, schedules and webhooks.",
    Permission.DECIDE: "Decide approvals.",
    Permission.MANAGE_MEMBERS: "Invite, change and remove members.",
    Permission.MANAGE_CREDENTIALS: "Save, change and delete credentials.",
    Permission.READ_AUDIT: "Read and export the audit trail.",
    Permission.MANAGE_BUDGETS: "Set budgets, fallback models and rate limits.",
    Permission.MANAGE_WORKSPACE: "Change the workspace itself.",
}


def list_key_scopes(uow: UnitOfWork) -> tuple[ScopeOption, ...]:
    """The scopes that this person may give to a key: those of the present role."""
    require_person(uow, even_confined=True)
    granted = permissions_of(uow.actor)
    return tuple(ScopeOption(scope.value, describe_scope(scope)) for scope in Permission if scope in granted)


def describe_scope(scope: Permission) -> str:
    """What a scope allows, in a sentence."""
    return SCOPES.get(scope) or f"{as_words(scope.value)}."


def list_api_keys(uow: UnitOfWork, *, everyone: object = False) -> tuple[ApiKeyRow, ...]:
    """The person's own keys in this workspace, the newest first; `everyone` adds those of others, for who manages members."""
    if everyone is True:
        require(uow, Permission.MANAGE_MEMBERS)
    actor = require_person(uow, even_confined=True)
    query = select(ApiKey, User).join(User, col(User.id) == col(ApiKey.user_id)).where(ApiKey.workspace_id == uow.workspace_id)
    if everyone is not True:
        query = query.where(ApiKey.user_id == actor.user_id)
    rows = uow.session.exec(query.order_by(col(ApiKey.created_at).desc(), col(ApiKey.id)).limit(SHOWN_MAX))
    return tuple(_row(uow, key, user.name) for key, user in rows)


def create_api_key(uow: UnitOfWork, *, name: object, scopes: object, expires_in_days: object = LIFETIME_DAYS) -> MadeApiKey:
    """Make a key of this person in this workspace; the key itself is in the answer and nowhere else."""
    actor = require_person(uow, even_confined=True)
    problems = Problems()
    shown = problems.tried(lambda: clean_line(name, max_length=NAME_MAX, label="Name", field="name"))
    wanted = _checked_scopes(scopes, permissions_of(actor), problems)
    days = expires_in_days
    if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= LIFETIME_MAX_DAYS:
        problems.note("expires_in_days", f"Choose a whole number of days from 1 to {LIFETIME_MAX_DAYS}.")
        days = LIFETIME_DAYS
    problems.refuse()
    now = uow.ports.clock.now()
    living = select(func.count()).where(
        ApiKey.workspace_id == uow.workspace_id,
        ApiKey.user_id == actor.user_id,
        col(ApiKey.revoked_at).is_(None),
        col(ApiKey.expires_at) > now,
    )
    if uow.session.exec(living).one() >= KEYS_MAX:
        raise LimitReached(f"You have {KEYS_MAX} keys in this workspace already. Revoke one that is not needed any more.")
    prefix = KEY_MARK + "".join(secrets.choice(_LETTERS) for _ in range(8))
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    key = ApiKey(
        workspace_id=uow.workspace_id,
        user_id=actor.user_id,
        name=shown or "",
        prefix=prefix,
        key_hash=hash_token(secret),
        scopes=wanted,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    uow.session.add(key)
    uow.session.flush()
    user = uow.session.get(User, actor.user_id)
    return MadeApiKey(_row(uow, key, user.name if user else ""), secret)


def revoke_api_key(uow: UnitOfWork, *, key_id: object) -> ApiKeyRow:
    """End a key at once: one's own, or anybody's for who manages members. Revoking twice does no harm."""
    actor = require_person(uow, even_confined=True)
    key = uow.load(ApiKey, parse_id(key_id), what="This API key")
    if key.user_id != actor.user_id and Permission.MANAGE_MEMBERS not in permissions_of(actor):
        raise NotFound("This API key")
    if key.revoked_at is None:
        key.revoked_at = uow.ports.clock.now()
        uow.session.add(key)
        uow.session.flush()
    return _row(uow, key, _name_of(uow, key.user_id))


def _name_of(uow: UnitOfWork, user_id: uuid.UUID) -> str:
    user = uow.session.get(User, user_id)
    return user.name if user else ""


def _checked_scopes(scopes: object, granted: frozenset[Permission], problems: Problems) -> list[str]:
    if not isinstance(scopes, list | tuple) or not scopes or len(scopes) > len(Permission):
        problems.note("scopes", f"Choose at least one scope of: {_listed(granted)}.")
        return []
    named = {str(scope) for scope in scopes if isinstance(scope, str)}
    known = [scope for scope in Permission if scope in named]
    if len(named) != len(scopes) or len(known) != len(named):
        problems.note("scopes", f"Choose each scope once, and only of: {_listed(granted)}.")
    elif beyond := [scope.value for scope in known if scope not in granted]:
        problems.note("scopes", f"Your role does not allow {', '.join(beyond)}, so a key of yours cannot either.")
    return [scope.value for scope in known]


def _listed(granted: Iterable[Permission]) -> str:
    return ", ".join(scope.value for scope in Permission if scope in granted)


def _row(uow: UnitOfWork, key: ApiKey, owner: str) -> ApiKeyRow:
    is_over = key.expires_at <= uow.ports.clock.now()
    return ApiKeyRow(
        id=key.id,
        name=key.name,
        prefix=key.prefix,
        scopes=tuple(key.scopes),
        owner=owner,
        is_mine=uow.actor is not None and key.user_id == uow.actor.user_id,
        status="revoked" if key.revoked_at else "expired" if is_over else "active",
        created_at=key.created_at,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        last_address=key.last_address,
    )
