"""Single-use tickets: made for one purpose and one address, kept as a hash, used in one conditional update."""

import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.accounts.tokens import hash_token, new_token
from models.account import AccountTicket, TicketPurpose
from models.user import User

LIFETIMES = {
    TicketPurpose.VERIFY_EMAIL: timedelta(days=3),
    TicketPurpose.RESET_PASSWORD: timedelta(hours=1),
    TicketPurpose.SECOND_FACTOR: timedelta(minutes=10),
}


class TicketOver(NotFound):
    """Used, expired, never made, or of an address that the account has no more: told alike."""

    code = "ticket_over"

    def __init__(self) -> None:
        super().__init__("This link")
        self.message = "This link is not valid any more. Ask for a new one."


def make_ticket(uow: UnitOfWork, user: User, purpose: TicketPurpose) -> str:
    """A fresh one; earlier ones of the same purpose end."""
    now = uow.ports.clock.now()
    end_tickets(uow, user.id, purpose)
    token = new_token()
    row = AccountTicket(
        user_id=user.id, purpose=purpose, token_hash=hash_token(token), email_key=user.email_key, expires_at=now + LIFETIMES[purpose]
    )
    uow.session.add(row)
    return token


def end_tickets(uow: UnitOfWork, user_id: uuid.UUID, *purposes: TicketPurpose) -> None:
    """End what the person has open for these purposes, or for all."""
    unused = sa.update(AccountTicket).where(col(AccountTicket.user_id) == user_id, col(AccountTicket.used_at).is_(None))
    if purposes:
        unused = unused.where(col(AccountTicket.purpose).in_(purposes))
    uow.session.connection().execute(unused.values(used_at=uow.ports.clock.now()))


def find_ticket(uow: UnitOfWork, token: object, purpose: TicketPurpose) -> tuple[AccountTicket, User]:
    """The open ticket of a token and whose it is, or TicketOver."""
    if not isinstance(token, str) or not 20 <= len(token) <= 100 or not token.isascii():
        raise TicketOver()
    query = select(AccountTicket, User).join(User, col(User.id) == col(AccountTicket.user_id))
    found = uow.session.exec(query.where(AccountTicket.token_hash == hash_token(token), AccountTicket.purpose == purpose)).first()
    if found is None or not _is_open(*found, now=uow.ports.clock.now()):
        raise TicketOver()
    return found


def use_ticket(uow: UnitOfWork, ticket: AccountTicket) -> None:
    """Use it up; only the first of several who come at once gets through."""
    uow.trail.name_deed()
    unused = sa.update(AccountTicket).where(col(AccountTicket.id) == ticket.id, col(AccountTicket.used_at).is_(None))
    if uow.session.connection().execute(unused.values(used_at=uow.ports.clock.now())).rowcount != 1:
        raise TicketOver()


def _is_open(ticket: AccountTicket, user: User, *, now: datetime) -> bool:
    return ticket.used_at is None and ticket.expires_at > now and ticket.email_key == user.email_key and user.disabled_at is None
