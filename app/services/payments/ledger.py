"""The ledger's accounts and the two things one can do with it: book pairs once, and add up an account."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, or_, select

from app.core.bulk import insert_into, is_inserted
from app.core.uow import UnitOfWork
from models.ids import new_id
from models.ledger import LedgerEntry

GATEWAY = "gateway"  # money that the payment company holds for the installation: its debits less its credits
PLATFORM = "platform"
TAX = "tax"  # collected for the tax office
IN_TRANSIT = "in_transit"  # payouts asked for and not yet confirmed


def creator_account(workspace_id: uuid.UUID) -> str:
    """What is owed to a creator."""
    return f"creator:{workspace_id}"


@dataclass(frozen=True, slots=True)
class Pair:
    """One balanced pair to book; one of zero cents is left out."""

    kind: str
    debit: str
    credit: str
    amount_cents: int
    available_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """The fact in the world that is booked."""

    event: str
    currency: str
    mode: str
    purchase_id: uuid.UUID | None = None


def book(uow: UnitOfWork, source: Source, pairs: Sequence[Pair]) -> bool:
    """Write the pairs; what was booked before stays as it is. Returns whether anything was written."""
    connection = uow.session.connection()
    table: sa.Table = LedgerEntry.__table__  # type: ignore[attr-defined]
    now, written = uow.ports.clock.now(), False
    for pair in pairs:
        if pair.amount_cents == 0:
            continue
        statement = insert_into(connection, table).values(
            id=new_id(),
            created_at=now,
            updated_at=now,
            source_event=source.event,
            kind=pair.kind,
            debit_account=pair.debit,
            credit_account=pair.credit,
            amount_cents=pair.amount_cents,
            currency=source.currency,
            mode=source.mode,
            purchase_id=source.purchase_id,
            available_at=pair.available_at,
        )
        once = statement.on_conflict_do_nothing(index_elements=["source_event", "kind"])
        written = is_inserted(connection, once) or written
    return written


def entries_of(uow: UnitOfWork, event: str) -> list[LedgerEntry]:
    """What was booked for one fact."""
    return list(uow.session.exec(select(LedgerEntry).where(LedgerEntry.source_event == event).order_by(col(LedgerEntry.kind))))


def net_of_orders(orders: sa.Select[Any]) -> sa.Subquery:
    """What each of `orders` (a select of ids) has brought, taxes apart and less what went back: columns `order_id` and `cents`."""
    entry = LedgerEntry
    signed = sa.case((col(entry.debit_account) == GATEWAY, col(entry.amount_cents)), else_=-col(entry.amount_cents))
    shares = ~or_(col(entry.debit_account) == TAX, col(entry.credit_account) == TAX)
    summed = sa.select(col(entry.purchase_id).label("order_id"), sa.func.sum(signed).label("cents"))
    return summed.where(col(entry.purchase_id).in_(orders), shares).group_by(col(entry.purchase_id)).subquery()


def balance(uow: UnitOfWork, account: str, *, mode: str, available_by: datetime | None = None) -> int:
    """Credits less debits in cents; with `available_by` only what may be paid out by then."""
    signed = sa.case((col(LedgerEntry.credit_account) == account, LedgerEntry.amount_cents), else_=-col(LedgerEntry.amount_cents))
    wanted = select(sa.func.coalesce(sa.func.sum(signed), 0)).where(
        or_(col(LedgerEntry.credit_account) == account, col(LedgerEntry.debit_account) == account), LedgerEntry.mode == mode
    )
    if available_by is not None:
        wanted = wanted.where(or_(col(LedgerEntry.available_at).is_(None), col(LedgerEntry.available_at) <= available_by))
    return int(uow.session.exec(wanted).one())
