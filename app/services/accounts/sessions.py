"""A person's own sessions: seen, listed, ended, and moved to another workspace."""

import re

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import NotFound, NotSignedIn
from app.core.permissions import require_person
from app.core.uow import Actor, UnitOfWork
from app.services.accounts.entering import demand_open_door
from app.services.accounts.tokens import SESSION_LIFETIME, hash_token
from app.views.accounts import SessionCard
from models.ids import parse_id
from models.user import UserSession
from models.workspace import Membership


def _actor(uow: UnitOfWork) -> Actor:
    return require_person(uow, even_confined=True)


def _own_sessions(uow: UnitOfWork) -> list[UserSession]:
    actor = _actor(uow)
    seen = UserSession.confined_to == actor.workspace_id if actor.is_confined else sa.true()
    rows = uow.session.exec(
        select(UserSession)
        .where(seen)
        .where(UserSession.user_id == actor.user_id, col(UserSession.revoked_at).is_(None), UserSession.expires_at > uow.ports.clock.now())
        .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.id))
    )
    return list(rows)


def list_sessions(uow: UnitOfWork) -> list[SessionCard]:
    """The browsers in which this person is signed in, the most recent first."""
    actor = _actor(uow)
    return [
        SessionCard(
            id=str(row.id),
            device=device_of(row.user_agent),
            address=row.address,
            last_seen=row.last_seen_at or row.created_at,
            is_current=row.id == actor.session_id,
        )
        for row in _own_sessions(uow)
    ]


def revoke_session(uow: UnitOfWork, *, session_id: object) -> None:
    """End one of the person's own sessions; its tabs lose power with their next event."""
    wanted = parse_id(session_id)
    row = next((row for row in _own_sessions(uow) if row.id == wanted), None)
    if row is None:
        raise NotFound("This session")
    row.revoked_at = uow.ports.clock.now()
    uow.session.add(row)


def revoke_other_sessions(uow: UnitOfWork) -> int:
    """End every session but the current one; returns how many."""
    actor = _actor(uow)
    others = [row for row in _own_sessions(uow) if row.id != actor.session_id]
    for row in others:
        row.revoked_at = uow.ports.clock.now()
        uow.session.add(row)
    return len(others)


def sign_out(uow: UnitOfWork, *, token: str) -> None:
    """End the session of this token; nothing to end is fine."""
    row = uow.session.exec(select(UserSession).where(UserSession.token_hash == hash_token(token))).first()
    if row is not None and row.revoked_at is None:
        row.revoked_at = uow.ports.clock.now()
        uow.session.add(row)


def touch_session(uow: UnitOfWork) -> None:
    """Note that the session is in use, which moves its end."""
    row = uow.session.get(UserSession, _actor(uow).session_id)
    if row is None:
        raise NotSignedIn()
    now = uow.ports.clock.now()
    row.last_seen_at = now
    row.expires_at = now + SESSION_LIFETIME
    uow.session.add(row)


def switch_workspace(uow: UnitOfWork, *, workspace_id: object) -> None:
    """Move this session to another workspace of the person; a foreign one does not exist."""
    actor = require_person(uow)
    member = uow.session.exec(
        select(Membership).where(Membership.user_id == actor.user_id, Membership.workspace_id == parse_id(workspace_id))
    ).first()
    row = uow.session.get(UserSession, actor.session_id)
    if member is None or row is None:
        raise NotFound("This workspace")
    demand_open_door(uow, member)
    row.workspace_id = member.workspace_id
    uow.session.add(row)


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))


_SHELL = re.compile(r"agent-factory-cli \(([A-Za-z0-9._-]{1,60}); ([A-Za-z0-9._-]{1,60})\)")
_NAMED = (("Darwin", "Mac"),)


def device_of(user_agent: str) -> str:
    """Say in words which browser and system a user agent names."""
    if shell := _SHELL.fullmatch(user_agent):
        return f"Command line on {shell[1]}/{dict(_NAMED).get(shell[2], shell[2])}"
    if user_agent.startswith("agent-factory-client"):
        return "A program (Python client)"
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
