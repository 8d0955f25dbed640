"""Facts of the gateway that are kept once: verified events, and what was told or tried because of one."""

import hashlib
import uuid

import sqlalchemy as sa
from sqlmodel import select

from app.core.bulk import insert_into, is_inserted
from app.core.uow import UnitOfWork
from models.ids import new_id
from models.purchase import PaymentEvent


def keep_once(uow: UnitOfWork, *, key: str, kind: str, subject: str) -> bool:
    """Whether it was news; with the transaction that fails the note goes too."""
    table: sa.Table = PaymentEvent.__table__  # type: ignore[attr-defined]
    connection, now = uow.session.connection(), uow.ports.clock.now()
    row = {"id": new_id(), "created_at": now, "updated_at": now, "event_id": key, "kind": kind[:80], "subject": subject[:120]}
    return is_inserted(connection, insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["event_id"]))


def refusals_of(uow: UnitOfWork, name: str) -> int:
    """How often the gateway has refused what is called `name`."""
    refusals = 0
    while uow.session.exec(select(PaymentEvent.id).where(PaymentEvent.event_id == _refusal(name, refusals))).first() is not None:
        refusals += 1
    return refusals


def note_refused(uow: UnitOfWork, name: str, *, refusals: int, payment_id: str, kind: str = "refund.refused") -> None:
    """The next attempt is another one. `refusals` are those before, so that two clicks count one."""
    keep_once(uow, key=_refusal(name, refusals), kind=kind, subject=payment_id)


def checkout_key(name: str, email: str) -> str:
    """Of the page that one person opens for an order: a gateway takes a key again for the very same wish only."""
    return f"{name}-{hashlib.sha256(email.encode()).hexdigest()[:12]}"


def refund_name(order_id: uuid.UUID, refunded_cents: int) -> str:
    """What the next refund of an order, or of a month of one, is called."""
    return f"refund-{order_id}-{refunded_cents}"


def has_failed(uow: UnitOfWork, refund_id: str) -> bool:
    """Whether a refund is known not to have arrived."""
    return uow.session.exec(select(PaymentEvent.id).where(PaymentEvent.event_id == _failure(refund_id))).first() is not None


def note_failure(uow: UnitOfWork, refund_id: str, *, payment_id: str) -> bool:
    """It did not arrive; whether that was news."""
    return keep_once(uow, key=_failure(refund_id), kind="refund.failed", subject=payment_id)


def _failure(refund_id: str) -> str:
    return f"refund.failed:{refund_id}"


def attempt_of(name: str, refusals: int) -> str:
    """The key of the attempt after so many refusals: a gateway gives its answer to a key again for a day, a refusal too."""
    return f"{name}-{refusals}" if refusals else name


def _refusal(name: str, number: int) -> str:
    return f"refused:{name}-{number}"
