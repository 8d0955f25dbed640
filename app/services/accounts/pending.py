"""Sign-up where letters are sent: the answer is the same for every address, and a letter tells its owner how it is.

A free address gets a link that finishes the account, once and with the password that was chosen: whoever signed somebody else's
address up does not get in by their click. An address with an account gets a letter that says so.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.destinations import safe_destination
from app.core.errors import Conflict, Invalid
from app.core.uow import UnitOfWork
from app.services.accounts.identity import clean_name, email_key
from app.services.accounts.sign_in import Credentials
from app.services.accounts.sign_up import AddressTaken, create_account
from app.services.accounts.tickets import TicketOver
from app.services.accounts.tokens import hash_token, new_token
from app.services.mail import queue_mail
from models.account import PendingAccount
from models.user import User

LIFETIME = timedelta(days=1)


class NotThatPassword(Invalid):
    """Not the password that the sign-up was begun with."""

    code = "wrong_password"

    def __init__(self) -> None:
        told = "This is not the password you chose when you signed up. If you forgot it, sign up again."
        super().__init__("Please mend the marked field.", fields={"password": told})


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-up that waits; what to compare the password with."""

    id: uuid.UUID
    password_hash: str = field(repr=False)


def begin_account(uow: UnitOfWork, *, name: str, email: str, password_hash: str, destination: str = "") -> None:
    """Write the one letter or the other; the edge answers before this is called. Anyone may call it."""
    now = uow.ports.clock.now()
    uow.session.connection().execute(sa.delete(PendingAccount).where(col(PendingAccount.expires_at) <= now))
    user = uow.session.exec(select(User).where(User.email_key == email_key(email))).first()
    if user is not None:
        _tell_owner(uow, user)
        return
    token = new_token()
    row = PendingAccount(
        email=email.strip(),
        name=clean_name(name),
        password_hash=password_hash,
        token_hash=hash_token(token),
        expires_at=now + LIFETIME,
    )
    uow.session.add(row)
    wanted = safe_destination(destination)
    on = "" if wanted == "/" else f"&next={quote(wanted, safe='')}"
    text = (
        f"Hello {row.name},\n\nopen this link and enter the password you chose, and your account at Agent Factory is ready.\n"
        f"It works once, for a day:\n\n{uow.ports.public_url}/sign-up/finish?token={token}{on}\n\n"
        "If you did not ask for an account, ignore this letter: there will be none.\n"
    )
    queue_mail(uow, to=row.email, subject="Finish opening your account", text=text)


def find_pending(uow: UnitOfWork, *, token: object) -> Pending:
    """The sign-up of a letter's link, or TicketOver."""
    if not isinstance(token, str) or not 20 <= len(token) <= 100 or not token.isascii():
        raise TicketOver()
    row = uow.session.exec(select(PendingAccount).where(PendingAccount.token_hash == hash_token(token))).first()
    if row is None or row.expires_at <= uow.ports.clock.now():
        raise TicketOver()
    return Pending(row.id, row.password_hash)


def finish_account(uow: UnitOfWork, *, pending: Pending) -> Credentials:
    """Make the account after the password was compared; the letter has proved the address. Works once."""
    row = uow.session.get(PendingAccount, pending.id)
    if row is None or row.password_hash != pending.password_hash:
        raise TicketOver()
    name, email, password_hash = row.name, row.email, row.password_hash
    uow.session.expunge(row)
    if uow.session.connection().execute(sa.delete(PendingAccount).where(col(PendingAccount.id) == pending.id)).rowcount != 1:
        raise TicketOver()
    try:
        user = create_account(uow, name=name, email=email, password_hash=password_hash, is_verified=True)
    except AddressTaken as taken:  # by another link, or through a provider; who reads this mailbox may know
        raise Conflict("There is an account with this address by now. Sign in instead.") from taken
    return Credentials(user_id=user.id, password_hash=password_hash)


def _tell_owner(uow: UnitOfWork, user: User) -> None:
    if user.disabled_at or user.is_demo:
        return
    text = (
        f"Hello {user.name},\n\nsomebody, probably you, wanted to open an account at Agent Factory with this address. "
        "You have one already.\n\n"
        f"Sign in: {uow.ports.public_url}/sign-in\n"
        f"If you forgot your password: {uow.ports.public_url}/forgot-password\n\n"
        "If this was not you, ignore this letter: nothing has changed.\n"
    )
    queue_mail(uow, to=user.email, subject="You have an account already", text=text)
