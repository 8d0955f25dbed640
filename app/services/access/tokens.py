"""Programmatic sign-in: a session like a browser's, a short access token, and a refresh token that works once.

A refresh token that comes a second time was copied by somebody, so the whole session ends (RFC 9700, 4.14.2).
"""

from typing import Any

from sqlmodel import col, select, update

from app.core.errors import AppError, NotSignedIn
from app.core.permissions import require_person
from app.core.ports import AccessClaims
from app.core.uow import UnitOfWork
from app.services.accounts import Credentials, hash_token, open_session
from app.services.accounts.tokens import SESSION_LIFETIME, new_token
from app.views.access import TokenPair
from models.api_access import RefreshToken
from models.user import User, UserSession

ACCESS_LIFETIME_S = 15 * 60
REFRESH_MARK = "afr_"


class RefreshRefused(AppError):
    """The refresh token is unknown, used, or its session is over; never says which."""

    status = 401
    code = "refresh_refused"

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid any more. Sign in again.")


def open_token_session(
    uow: UnitOfWork, *, credentials: Credentials, user_agent: str = "", address: str = "", for_own_account: bool = False
) -> TokenPair:
    """Open a session for credentials that were checked, and its first pair of tokens."""
    facts: dict[str, Any] = {"user_agent": user_agent or "API", "address": address, "for_own_account": for_own_account}
    opened = open_session(uow, credentials=credentials, **facts)
    session = uow.session.exec(select(UserSession).where(UserSession.token_hash == hash_token(opened.token))).one()
    session.token_hash = hash_token(new_token())  # nobody holds it: this session is no cookie
    uow.session.add(session)
    return _pair(uow, session)


def refresh_tokens(uow: UnitOfWork, *, refresh_token: str) -> TokenPair | None:
    """The next pair; raises RefreshRefused. None when the token was used before, which has ended the session by then.

    The edge refuses after None too: an error raised here would take back the end of the session.
    """
    row = uow.session.exec(select(RefreshToken).where(RefreshToken.token_hash == hash_token(refresh_token))).first()
    session = uow.session.get(UserSession, row.session_id) if row else None
    user = uow.session.get(User, session.user_id) if session else None
    now = uow.ports.clock.now()
    if row is None or session is None or user is None or session.revoked_at or session.expires_at <= now or user.disabled_at:
        raise RefreshRefused()
    first = update(RefreshToken).where(col(RefreshToken.id) == row.id, col(RefreshToken.used_at).is_(None)).values(used_at=now)
    if uow.session.connection().execute(first).rowcount != 1:
        session.revoked_at = now
        uow.session.add(session)
        return None
    session.expires_at, session.last_seen_at = now + SESSION_LIFETIME, now
    uow.session.add(session)
    return _pair(uow, session)


def end_token_session(uow: UnitOfWork) -> None:
    """Sign out: the session of this call ends, and its tokens with it."""
    actor = require_person(uow)
    session = uow.session.get(UserSession, actor.session_id) if actor.session_id else None
    if session is None:
        raise NotSignedIn()
    session.revoked_at = uow.ports.clock.now()
    uow.session.add(session)


def _pair(uow: UnitOfWork, session: UserSession) -> TokenPair:
    refresh = REFRESH_MARK + new_token()
    uow.session.add(RefreshToken(session_id=session.id, token_hash=hash_token(refresh), created_at=uow.ports.clock.now()))
    uow.session.flush()
    claims = AccessClaims(session.user_id, session.id)
    access = uow.ports.tokens.issue(claims, now=uow.ports.clock.now(), lifetime_s=ACCESS_LIFETIME_S)
    return TokenPair(access, refresh, ACCESS_LIFETIME_S, session.user_id, session.id)
