"""The seller's account: what was booked for the workspace, page by page, and what each booking is of."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import col, or_, select

from app.core.money import format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.payments.ledger import creator_account
from app.views.market import BookingPage, LedgerRow
from models.ids import parse_id
from models.ledger import LedgerEntry
from models.purchase import Purchase
from models.subscription import Invoice, Subscription

PAGE, MOST_AT_ONCE = 50, 200
KINDS = {
    "sale_creator": "Sale",
    "refund_creator": "Refund",
    "refund_failed_creator": "Refund returned",
    "dispute_creator": "Dispute opened",
    "dispute_won_creator": "Dispute won",
    "payout_reserved": "Payout",
    "payout_failed": "Payout returned",
}


def list_bookings(uow: UnitOfWork, *, cursor: object = "", limit: int = PAGE) -> BookingPage:
    """One page of the account, newest first; `cursor` is what the page before has told."""
    require(uow, Permission.MANAGE_MEMBERS)
    account, most = creator_account(uow.workspace_id), max(1, min(limit, MOST_AT_ONCE))
    mode = uow.ports.payments.mode if uow.ports.payments else "live"
    mine = (or_(col(LedgerEntry.debit_account) == account, col(LedgerEntry.credit_account) == account), col(LedgerEntry.mode) == mode)
    counted = sa.select(sa.func.count()).select_from(LedgerEntry).where(*mine)
    after = parse_id(cursor)
    wanted = select(LedgerEntry).where(*mine, *([col(LedgerEntry.id) < after] if after else []))
    found = list(uow.session.exec(wanted.order_by(col(LedgerEntry.id).desc()).limit(most + 1)))
    rows = found[:most]
    titles = _titles(uow, {row.purchase_id for row in rows if row.purchase_id})
    return BookingPage(
        rows=tuple(
            LedgerRow(
                at=row.created_at,
                what=KINDS.get(row.kind, row.kind),
                title=titles.get(row.purchase_id, ""),
                amount=format_cents(row.amount_cents if row.credit_account == account else -row.amount_cents, row.currency),
                is_negative=row.debit_account == account,
            )
            for row in rows
        ),
        next_cursor=str(rows[-1].id) if len(found) > most else "",
        total=uow.session.connection().execute(counted).scalar_one(),
    )


def _titles(uow: UnitOfWork, orders: Collection[uuid.UUID]) -> dict[uuid.UUID | None, str]:
    """What was sold with these orders, and months of orders, of the workspace."""
    once = sa.select(col(Purchase.id), col(Purchase.title)).where(col(Purchase.seller_id) == uow.workspace_id, col(Purchase.id).in_(orders))
    months = sa.select(col(Invoice.id), col(Subscription.title)).join(Subscription, col(Subscription.id) == col(Invoice.standing_id))
    mine = months.where(col(Invoice.seller_id) == uow.workspace_id, col(Invoice.id).in_(orders))
    connection = uow.session.connection()
    return {row[0]: row[1] for wanted in (once, mine) for row in connection.execute(wanted)}
