"""Passwords reset by a letter and changed by their owner. Hashing happens at the edge, outside any transaction.

Asking for a reset looks the same for every address; the edge answers before this is even called.
"""

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.accounts.identity import email_key, password_problem
from app.services.accounts.profile import current_user
from app.services.accounts.sign_in import Credentials
from app.services.accounts.tickets import end_tickets, find_ticket, make_ticket, use_ticket
from app.services.mail import queue_mail
from models.account import TicketPurpose
from models.api_access import ApiKey
from models.identity import ExternalIdentity
from models.sign_in import WorkspaceIdentity
from models.user import User, UserSession


class SharedAccount(Conflict):
    """The demo account is everybody's: what protects it would lock the others out."""

    code = "shared_account"

    def __init__(self) -> None:
        super().__init__("This is the shared demo account. Create an account of your own to set a password or a second factor.")


class WrongPassword(Invalid):
    """The current password is not right."""

    code = "wrong_password"

    def __init__(self) -> None:
        told = "This is not your current password. If you forgot it, sign out and reset it by e-mail."
        super().__init__("Please mend the marked field.", fields={"current": told})


def request_password_reset(uow: UnitOfWork, *, email: str) -> None:
    """Write a letter with a link if there is such an account; anyone may ask."""
    if len(email) > 320 or "\x00" in email:
        return
    user = uow.session.exec(select(User).where(User.email_key == email_key(email))).first()
    if user is None or user.disabled_at or user.is_demo:
        return
    token = make_ticket(uow, user, TicketPurpose.RESET_PASSWORD)
    text = (
        f"Hello {user.name},\n\nsomebody, probably you, asked for a new password of your account at Agent Factory.\n"
        f"Open this link to choose one. It works once, for an hour:\n\n{uow.ports.public_url}/reset-password?token={token}\n\n"
        "If this was not you, ignore this letter: your password stays as it is.\n"
    )
    queue_mail(uow, to=user.email, subject="Choose a new password", text=text)


def check_reset(uow: UnitOfWork, *, token: object, password: str) -> None:
    """Raise TicketOver for a link that is over, and Invalid for a password that is too weak; the link stays good."""
    _, user = find_ticket(uow, token, TicketPurpose.RESET_PASSWORD)
    _require_strong(password, user)


def reset_password(uow: UnitOfWork, *, token: object, password_hash: str) -> None:
    """Set the password, use the link up, and end every session: whoever knew the old password is out."""
    ticket, user = find_ticket(uow, token, TicketPurpose.RESET_PASSWORD)
    use_ticket(uow, ticket)
    _set(uow, user, password_hash)
    if user.email_verified_at is None:
        _shut_out(uow, user)
        user.email_verified_at = uow.ports.clock.now()  # the link came to that mailbox
    uow.session.add(user)


def _shut_out(uow: UnitOfWork, user: User) -> None:
    """Whoever opened the account before its mailbox was proved may be somebody else, and keeps no other way in."""
    for identity in uow.session.exec(select(ExternalIdentity).where(ExternalIdentity.user_id == user.id)).all():
        uow.session.delete(identity)
    for inside in uow.session.exec(select(WorkspaceIdentity).where(WorkspaceIdentity.user_id == user.id)).all():
        uow.session.delete(inside)
    for key in uow.session.exec(select(ApiKey).where(ApiKey.user_id == user.id, col(ApiKey.revoked_at).is_(None))).all():
        key.revoked_at = uow.ports.clock.now()
        uow.session.add(key)


def find_own_credentials(uow: UnitOfWork, *, password: str) -> Credentials:
    """What the current password is compared with, once the new one is known to be strong enough."""
    user = current_user(uow)
    if user.is_demo:
        raise SharedAccount()
    if not user.password_hash:
        told = "Your account has no password yet. Sign out and choose “Forgot your password?” to set one."
        raise Invalid("Please mend the marked field.", fields={"current": told})
    _require_strong(password, user)
    return Credentials(user_id=user.id, password_hash=user.password_hash)


def change_password(uow: UnitOfWork, *, credentials: Credentials, password_hash: str) -> Credentials:
    """Set a new password after the current one was compared; ends every session, so the edge opens a fresh one."""
    user = current_user(uow)
    if user.id != credentials.user_id or user.password_hash != credentials.password_hash or user.is_demo:
        raise Conflict("The password was changed meanwhile. Sign in again.")
    _set(uow, user, password_hash)
    return Credentials(user_id=user.id, password_hash=password_hash, has_second_factor=True)


def _set(uow: UnitOfWork, user: User, password_hash: str) -> None:
    user.password_hash = password_hash
    uow.session.add(user)
    end_tickets(uow, user.id)
    opened = sa.update(UserSession).where(col(UserSession.user_id) == user.id, col(UserSession.revoked_at).is_(None))
    uow.session.flush()
    uow.session.connection().execute(opened.values(revoked_at=uow.ports.clock.now()))
    uow.session.expire_all()
    text = (
        f"Hello {user.name},\n\nthe password of your account at Agent Factory was changed, and every browser was signed out.\n\n"
        f"If this was not you, reset it at once: {uow.ports.public_url}/forgot-password\n"
    )
    queue_mail(uow, to=user.email, subject="Your password was changed", text=text)


def _require_strong(password: str, user: User) -> None:
    if problem := password_problem(password, email=user.email, name=user.name):
        raise Invalid("Please mend the marked field.", fields={"password": problem})
