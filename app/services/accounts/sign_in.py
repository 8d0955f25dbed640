"""Sign-in in three steps, so that no transaction is open while the slow hash runs: find, compare, open a session.

A wrong password and an unknown address are the same to the caller in words, status and time.
"""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import col, select

from app.core.errors import AppError, Conflict, Invalid
from app.core.first_rows import DEMO_EMAIL
from app.core.ports import PasswordHasher
from app.core.uow import UnitOfWork
from app.services.accounts.entering import WorkspaceSignInNeeded, demand_any_open_door
from app.services.accounts.identity import PASSWORD_MAX, email_key
from app.services.accounts.own_space import make_own_space
from app.services.accounts.tokens import SESSION_LIFETIME, hash_token, new_token
from app.views.accounts import SignedIn
from models.user import User, UserSession
from models.workspace import Membership


class SignInRefused(AppError):
    """Address and password do not belong together; never says which of them is wrong."""

    status = 401
    code = "sign_in_refused"

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is not right.")


class SecondFactorNeeded(AppError):
    """The password is right, and the account asks for a code besides; the edge goes on with a ticket."""

    status = 401
    code = "second_factor_needed"

    def __init__(self) -> None:
        super().__init__("Enter the code of your authenticator app.")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What to compare a password with; without a person it is a hash that nothing fits.

    `has_second_factor` says that a code was checked besides, `confined_to` that the session opens this one workspace; only
    services set them.
    """

    user_id: uuid.UUID | None
    password_hash: str
    has_second_factor: bool = False
    confined_to: uuid.UUID | None = None


@lru_cache(maxsize=4)
def _dummy_hash(hasher: PasswordHasher) -> str:
    return hasher.hash(new_token())


def require_filled(*, email: str, password: str) -> None:
    """Raise Invalid for what was left empty; it says nothing about any account."""
    empty = {"email": "" if email.strip() else "Enter your e-mail address.", "password": "" if password else "Enter your password."}
    fields = {name: text for name, text in empty.items() if text}
    if fields:
        raise Invalid(" ".join(fields.values()), fields=fields)


def find_credentials(uow: UnitOfWork, *, email: str) -> Credentials:
    """Look an address up; an unknown, disabled or password-less account gives credentials that take as long to refuse."""
    dummy = _dummy_hash(uow.ports.hasher)
    user = (
        uow.session.exec(select(User).where(User.email_key == email_key(email))).first()
        if len(email) <= 320 and "\x00" not in email
        else None
    )
    if user is None or user.disabled_at or not user.password_hash:
        return Credentials(user_id=None, password_hash=dummy)
    return Credentials(user_id=user.id, password_hash=user.password_hash)


def password_fits(hasher: PasswordHasher, credentials: Credentials, password: str) -> bool:
    """Compare; slow, so call it in a thread and outside any unit of work."""
    return hash_fits(hasher, credentials.password_hash, password) and credentials.user_id is not None


def hash_fits(hasher: PasswordHasher, password_hash: str, password: str) -> bool:
    """Compare whatever was typed with a hash; slow."""
    candidate = password[:PASSWORD_MAX] if _is_text(password) else ""
    return hasher.verify(password_hash, candidate) and candidate == password


def _is_text(password: str) -> bool:
    return "\x00" not in password and not any("\ud800" <= c <= "\udfff" for c in password)


def has_demo_account(uow: UnitOfWork) -> bool:
    """Tell whether the sign-in page may offer the demo account."""
    if not uow.ports.demo_account_allowed:
        return False
    user = uow.session.exec(select(User).where(User.email_key == email_key(DEMO_EMAIL), col(User.is_demo).is_(True))).first()
    return user is not None and user.disabled_at is None


def find_demo_account(uow: UnitOfWork) -> Credentials:
    """The shared demo account, which only exists outside production."""
    user = uow.session.exec(select(User).where(User.email_key == email_key(DEMO_EMAIL), col(User.is_demo).is_(True))).first()
    if user is None or user.disabled_at or not uow.ports.demo_account_allowed:
        raise SignInRefused()
    return Credentials(user_id=user.id, password_hash="")


def open_session(
    uow: UnitOfWork,
    *,
    credentials: Credentials,
    replaces: str = "",
    user_agent: str = "",
    address: str = "",
    for_own_account: bool = False,
) -> SignedIn:
    """Open a session with a fresh token for credentials that were checked, and revoke the one the browser held before.

    Raises SecondFactorNeeded for an account with an authenticator app until its code was checked, too, and WorkspaceSignInNeeded
    for somebody whom their own session would lead nowhere; `for_own_account` gives them a workspace of their own instead, which opens
    the account and nothing of the others.
    """
    user = uow.session.get(User, credentials.user_id) if credentials.user_id else None
    if user is None or user.disabled_at or (credentials.password_hash and user.password_hash != credentials.password_hash):
        raise SignInRefused()
    if user.totp_since and not credentials.has_second_factor:
        raise SecondFactorNeeded()
    if credentials.confined_to is None:
        _demand_somewhere(uow, user.id, for_own_account=for_own_account)
    now = uow.ports.clock.now()
    _revoke_token(uow, replaces)
    token = new_token()
    uow.session.add(
        UserSession(
            user_id=user.id,
            workspace_id=credentials.confined_to or _home_workspace(uow, user.id) or make_own_space(uow, user.id),
            confined_to=credentials.confined_to,
            token_hash=hash_token(token),
            created_at=now,
            expires_at=now + SESSION_LIFETIME,
            last_seen_at=now,
            user_agent=_printable(user_agent)[:400],
            address=address[:64],
        )
    )
    uow.session.flush()
    return SignedIn(token=token, user_id=str(user.id))


def _demand_somewhere(uow: UnitOfWork, user_id: uuid.UUID, *, for_own_account: bool) -> None:
    """A session of one's own has to open some workspace: who wants no more than the account gets an empty one."""
    try:
        demand_any_open_door(uow, user_id)
    except WorkspaceSignInNeeded:
        if not for_own_account:
            raise
        make_own_space(uow, user_id)


def replace_weak_hash(uow: UnitOfWork, *, credentials: Credentials, password_hash: str) -> None:
    """Keep a hash with today's parameters, unless the password was changed meanwhile."""
    user = uow.session.get(User, credentials.user_id)
    if user is None or user.password_hash != credentials.password_hash:
        raise Conflict("The password was changed meanwhile.")
    user.password_hash = password_hash
    uow.session.add(user)


def _revoke_token(uow: UnitOfWork, token: str) -> None:
    if not token:
        return
    earlier = uow.session.exec(select(UserSession).where(UserSession.token_hash == hash_token(token))).first()
    if earlier is not None and earlier.revoked_at is None:
        earlier.revoked_at = uow.ports.clock.now()
        uow.session.add(earlier)


def _home_workspace(uow: UnitOfWork, user_id: uuid.UUID) -> uuid.UUID | None:
    """The workspace of the newest session if the person is still a member, else the oldest membership."""
    member_of = uow.session.exec(
        select(Membership.workspace_id).where(Membership.user_id == user_id).order_by(col(Membership.created_at), col(Membership.id))
    ).all()
    last = uow.session.exec(
        select(UserSession.workspace_id).where(UserSession.user_id == user_id).order_by(col(UserSession.created_at).desc())
    ).first()
    if last in member_of:
        return last
    return member_of[0] if member_of else None


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
