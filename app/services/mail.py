"""E-mails: queued in the transaction that causes them, sent by workers, tried again, and readable only in development.

A letter may hold a ticket, so its text is sealed while it waits and gone once it was sent.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.ports import Letter, SealBroken
from app.core.uow import UnitOfWork
from app.views.mail import OutboxLetter
from models.account import Mail
from models.user import NOWHERE, User

LEASE = timedelta(minutes=5)
RETRY = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
AT_ONCE = 20
SHOWN = 50
KEPT_FOR = timedelta(days=14)
MOST_FORGOTTEN = 500
_UNREADABLE = "(This letter cannot be read: the installation's secret key has changed.)"


def queue_mail(uow: UnitOfWork, *, to: str, subject: str, text: str, stop_url: str = "") -> None:
    """Write a letter that a worker will send; the words come from services, never from a client. Deleted accounts get none."""
    if to.endswith(f"@{NOWHERE}"):
        return
    row = Mail(to=to, subject=" ".join(subject.split())[:300], sealed="", due_at=uow.ports.clock.now(), stop_url=stop_url)
    row.sealed = uow.ports.box.seal(text.encode(), context=sealed_to(row.id))
    uow.session.add(row)


def find_reader(uow: UnitOfWork, user_id: uuid.UUID) -> User | None:
    """The person, where letters to them make sense: e-mail is sent, and the account is in use and nobody's demo."""
    user = uow.session.get(User, user_id) if uow.ports.mailer.kind != "none" else None
    return None if user is None or user.is_demo or user.disabled_at is not None else user


def claim_mail(uow: UnitOfWork) -> Sequence[Letter]:
    """Letters that are due, leased for a while; a worker that dies leaves them to another."""
    now = uow.ports.clock.now()
    waiting = select(Mail).where(col(Mail.sent_at).is_(None), col(Mail.given_up_at).is_(None), col(Mail.due_at) <= now)
    letters: list[Letter] = []
    for row in uow.session.exec(waiting.order_by(col(Mail.due_at)).limit(AT_ONCE).with_for_update(skip_locked=True)):
        row.due_at, row.attempts = now + LEASE, row.attempts + 1
        uow.session.add(row)
        try:
            letters.append(Letter(row.id, row.to, row.subject, _open(uow, row), row.stop_url))
        except SealBroken:
            row.given_up_at, row.error = now, "Sealed with another secret key than this installation has now."
    return letters


def note_sent(uow: UnitOfWork, *, mail_id: uuid.UUID) -> None:
    """It is on its way; its text is kept only for the outbox of development."""
    row = uow.session.get(Mail, mail_id)
    if row is not None and row.sent_at is None:
        row.sent_at, row.error = uow.ports.clock.now(), ""
        row.sealed = row.sealed if uow.ports.mailer.kind == "outbox" else ""
        uow.session.add(row)
        forget_letters(uow)


def note_not_sent(uow: UnitOfWork, *, mail_id: uuid.UUID, error: str, is_final: bool) -> None:
    """Try again later, or give up: after the last try, or when the mail server never will take it."""
    row = uow.session.get(Mail, mail_id)
    if row is None or row.sent_at is not None:
        return
    now = uow.ports.clock.now()
    row.error = error[:300]
    if is_final or row.attempts > len(RETRY):
        row.given_up_at, row.sealed = now, ""
    else:
        row.due_at = now + RETRY[row.attempts - 1]
    uow.session.add(row)


def forget_letters(uow: UnitOfWork) -> int:
    """Letters of two weeks ago go, some at a time: by then a deleted workspace is destroyed, and their subjects may name it."""
    mail: sa.Table = Mail.__table__  # type: ignore[attr-defined]
    old = sa.select(mail.c.id).where(mail.c.due_at <= uow.ports.clock.now() - KEPT_FOR).limit(MOST_FORGOTTEN).subquery()
    return uow.session.connection().execute(sa.delete(mail).where(mail.c.id.in_(sa.select(old.c.id)))).rowcount


def has_due_mail(connection: sa.Connection, now: datetime) -> bool:
    """Whether a claim would find anything."""
    due = sa.select(sa.literal(1)).where(col(Mail.sent_at).is_(None), col(Mail.given_up_at).is_(None), col(Mail.due_at) <= now)
    return connection.execute(due.limit(1)).first() is not None


def list_outbox(uow: UnitOfWork, *, address: str) -> tuple[OutboxLetter, ...]:
    """The newest letters, for whoever develops on this machine; from other machines and in production there is no such page."""
    if uow.ports.mailer.kind != "outbox" or not _is_this_machine(address):
        raise NotFound("This page")
    rows = uow.session.exec(select(Mail).order_by(col(Mail.created_at).desc(), col(Mail.id).desc()).limit(SHOWN))
    return tuple(OutboxLetter(str(row.id), row.to, row.subject, _readable(uow, row), row.created_at) for row in rows)


def _is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _readable(uow: UnitOfWork, row: Mail) -> str:
    try:
        return _open(uow, row) if row.sealed else ""
    except SealBroken:
        return _UNREADABLE


def _open(uow: UnitOfWork, row: Mail) -> str:
    return uow.ports.box.open(row.sealed, context=sealed_to(row.id)).decode()


def sealed_to(mail_id: uuid.UUID) -> str:
    """What an e-mail is sealed to until it is sent."""
    return f"mail:{mail_id}"
