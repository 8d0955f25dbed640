"""Signing in and linking through another provider: the attempt, bound to one browser and used once, and whose account it is.

The key of an identity is issuer and subject. An address links by itself only when both sides have proved it; otherwise
the person signs in with the password and links under Settings, Security.
"""

import json
import secrets
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core.destinations import safe_destination
from app.core.errors import AppError, Conflict, NotFound
from app.core.ports import Attempted, Claimed, SealBroken
from app.core.uow import UnitOfWork
from app.services.accounts.identity import clean_name, email_key, email_problem
from app.services.accounts.passwords import SharedAccount
from app.services.accounts.profile import current_user
from app.services.accounts.sign_in import Credentials
from app.services.accounts.sign_up import create_account
from app.services.accounts.tokens import hash_token, new_token
from app.services.mail import queue_mail
from app.views.accounts import IdentityCard
from models.identity import ExternalIdentity, SignInAttempt
from models.ids import parse_id
from models.user import User

LIFETIME = timedelta(minutes=10)


class ExternalRefused(AppError):
    """The provider's answer cannot be used; what exactly was wrong is told to the log, not to the visitor."""

    status = 401
    code = "external_refused"

    def __init__(self) -> None:
        super().__init__("Signing in there did not work. Start again from the sign-in page.")


class ExternalCancelled(AppError):
    """The person did not agree on the provider's page."""

    status = 401
    code = "external_cancelled"

    def __init__(self) -> None:
        super().__init__("You came back without agreeing there. Nothing has changed.")


class OpensAnother(Conflict):
    """The identity belongs to somebody else's account here."""

    code = "opens_another"

    def __init__(self) -> None:
        super().__init__("This sign-in opens another account already. Unlink it there first.")


class AddressInUse(Conflict):
    """There is an account with this address that the answer alone may not open."""

    code = "address_in_use"

    def __init__(self) -> None:
        super().__init__("Sign in with your password first, then link this sign-in under Settings, Security.")


def begin_external(uow: UnitOfWork, *, provider: str, browser: str, redirect_uri: str, destination: str, links: bool = False) -> Attempted:
    """Write an attempt of this browser. With `links` the signed-in person adds the identity to their account."""
    user = current_user(uow) if links else None
    if user is not None and user.is_demo:
        raise SharedAccount()
    state, nonce, verifier = new_token(), new_token(), secrets.token_urlsafe(48)
    now = uow.ports.clock.now()
    uow.session.connection().execute(sa.delete(SignInAttempt).where(col(SignInAttempt.expires_at) < now - LIFETIME))
    row = SignInAttempt(
        provider=provider,
        state_hash=hash_token(state),
        browser_hash=hash_token(browser),
        sealed="",
        destination=safe_destination(destination),
        user_id=user.id if user else None,
        expires_at=now + LIFETIME,
    )
    row.sealed = uow.ports.box.seal(json.dumps([nonce, verifier]).encode(), context=sealed_to(row.id))
    uow.session.add(row)
    return Attempted(provider=provider, state=state, nonce=nonce, verifier=verifier, redirect_uri=redirect_uri)


def take_attempt(uow: UnitOfWork, *, provider: str, state: str, browser: str, redirect_uri: str) -> tuple[Attempted, str, bool]:
    """Use an attempt up and return it with its destination and whether it links; raises ExternalRefused for any other browser,
    provider or time, and for the second use."""
    row = uow.session.exec(select(SignInAttempt).where(SignInAttempt.state_hash == hash_token(state[:200]))).first()
    fits = row is not None and row.provider == provider and row.browser_hash == hash_token(browser) and browser != ""
    if row is None or not fits or row.expires_at <= uow.ports.clock.now():
        raise ExternalRefused()
    unused = sa.update(SignInAttempt).where(col(SignInAttempt.id) == row.id, col(SignInAttempt.used_at).is_(None))
    if uow.session.connection().execute(unused.values(used_at=uow.ports.clock.now())).rowcount != 1:
        raise ExternalRefused()
    if row.user_id is not None and (uow.actor is None or uow.actor.user_id != row.user_id):
        raise ExternalRefused()
    try:
        nonce, verifier = json.loads(uow.ports.box.open(row.sealed, context=sealed_to(row.id)))
    except SealBroken as error:
        raise ExternalRefused() from error
    return Attempted(provider, state, nonce, verifier, redirect_uri), row.destination, row.user_id is not None


def enter_external(uow: UnitOfWork, *, provider: str, claimed: Claimed) -> Credentials:
    """Whose account the identity is: known, linked by an address that both sides proved, or a new one."""
    known = _find(uow, claimed)
    if known is not None:
        user = uow.session.get(User, known.user_id)
        if user is None or user.disabled_at or user.is_demo:
            raise ExternalRefused()
        known.last_used_at = uow.ports.clock.now()
        uow.session.add(known)
        return _credentials(user)
    if email_problem(claimed.email):
        raise ExternalRefused()
    user = uow.session.exec(select(User).where(User.email_key == email_key(claimed.email))).first()
    if user is None:
        name = clean_name(claimed.name)[:80] or claimed.email.partition("@")[0]
        user = create_account(uow, name=name, email=claimed.email, password_hash="", is_verified=claimed.is_email_verified)
    elif not claimed.is_email_verified or user.email_verified_at is None or user.is_demo or user.disabled_at:
        raise AddressInUse()
    _add(uow, user, provider, claimed)
    return _credentials(user)


def link_external(uow: UnitOfWork, *, provider: str, claimed: Claimed) -> None:
    """Add the identity to the signed-in person's account, unless it opens another one already."""
    user = current_user(uow)
    known = _find(uow, claimed)
    if known is None:
        _add(uow, user, provider, claimed)
    elif known.user_id != user.id:
        raise OpensAnother()


def list_identities(uow: UnitOfWork) -> tuple[IdentityCard, ...]:
    """One's own linked sign-ins."""
    user = current_user(uow)
    rows = uow.session.exec(select(ExternalIdentity).where(ExternalIdentity.user_id == user.id).order_by(col(ExternalIdentity.created_at)))
    return tuple(IdentityCard(str(row.id), row.provider, row.label, row.last_used_at or row.created_at) for row in rows)


def unlink_external(uow: UnitOfWork, *, identity_id: object) -> None:
    """Take one of one's own off; the last way in stays."""
    user = current_user(uow)
    uow.session.refresh(user, with_for_update=True)  # two at once could take off the last two ways in
    mine = uow.session.exec(select(ExternalIdentity).where(ExternalIdentity.user_id == user.id)).all()
    row = next((one for one in mine if one.id == parse_id(identity_id)), None)
    if row is None:
        raise NotFound("This sign-in")
    if len(mine) == 1 and not user.password_hash:
        raise Conflict("This is your only way in. Set a password first: sign out and choose “Forgot your password?”.")
    uow.session.delete(row)


def sealed_to(attempt_id: uuid.UUID) -> str:
    """What nonce and verifier of an attempt are sealed to."""
    return f"attempt:{attempt_id}"


def _credentials(user: User) -> Credentials:
    return Credentials(user_id=user.id, password_hash="")


def _find(uow: UnitOfWork, claimed: Claimed) -> ExternalIdentity | None:
    query = select(ExternalIdentity).where(ExternalIdentity.issuer == claimed.issuer, ExternalIdentity.subject == claimed.subject)
    return uow.session.exec(query).first()


def _add(uow: UnitOfWork, user: User, provider: str, claimed: Claimed) -> None:
    row = ExternalIdentity(user_id=user.id, provider=provider, issuer=claimed.issuer, subject=claimed.subject, label=claimed.email)
    uow.session.add(row)
    try:
        uow.session.flush()
    except IntegrityError as conflict:  # linked a moment ago
        raise ExternalRefused() from conflict
    text = (
        f"Hello {user.name},\n\n{provider} signs you in to your account at Agent Factory from now on.\n\n"
        f"If this was not you, take it off: {uow.ports.public_url}/settings/security\n"
    )
    queue_mail(uow, to=user.email, subject="A sign-in was linked to your account", text=text)
