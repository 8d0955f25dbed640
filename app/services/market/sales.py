"""What selling brought: net revenue week by week for the chart, and every sale as a table to take along."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, or_, select

from app.core.audit import record
from app.core.csv_text import write_csv
from app.core.money import format_cents
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.payments.ledger import creator_account
from app.views.market import RevenueWeek, SalesFile
from models.ledger import LedgerEntry
from models.purchase import Purchase
from models.subscription import Invoice, Subscription

WEEKS = 12
MOST_SALES = 100_000
KINDS = ("sale_creator", "refund_creator", "refund_failed_creator", "dispute_creator", "dispute_won_creator")
COLUMNS = (
    "order", "paid_at", "listing", "version", "state", "mode", "currency", "price_cents", "coupon", "discount_cents", "tax_cents",
    "refunded_cents", "your_share_cents",
)  # fmt: skip


def get_revenue(uow: UnitOfWork) -> tuple[RevenueWeek, ...]:
    """The creator's share of the last twelve weeks, oldest first: sales less what went back, in the week in which it was booked."""
    require(uow, Permission.MANAGE_MEMBERS)
    account, now = creator_account(uow.workspace_id), uow.ports.clock.now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=today.weekday() + 7 * (WEEKS - 1))
    starts = [first + timedelta(weeks=week) for week in range(WEEKS)]
    signed = _signed(account)
    at = col(LedgerEntry.created_at)
    sums = [sa.func.sum(sa.case((sa.and_(at >= start, at < start + timedelta(weeks=1)), signed), else_=0)) for start in starts]
    mode = uow.ports.payments.mode if uow.ports.payments else "live"
    query = sa.select(*sums).where(_touches(account), col(LedgerEntry.kind).in_(KINDS), col(LedgerEntry.mode) == mode, at >= first)
    cents = [int(value or 0) for value in uow.session.connection().execute(query).one()]
    highest = max(*cents, 1)
    return tuple(
        RevenueWeek(f"{start:%d %b}".lstrip("0"), format_cents(one), max(0, one) * 100 // highest)
        for start, one in zip(starts, cents, strict=True)
    )


def export_sales(uow: UnitOfWork) -> SalesFile:
    """Every settled order of the workspace's listings, newest first, with what of it is the creator's now; buyers are not named."""
    require(uow, Permission.MANAGE_MEMBERS)
    account = creator_account(uow.workspace_id)
    booked = sa.select(col(LedgerEntry.purchase_id), sa.func.sum(_signed(account)).label("cents"))
    shares = booked.where(_touches(account), col(LedgerEntry.kind).in_(KINDS)).group_by(col(LedgerEntry.purchase_id)).subquery()
    query = (
        select(Purchase, shares.c.cents)
        .outerjoin(shares, shares.c.purchase_id == col(Purchase.id))
        .where(Purchase.seller_id == uow.workspace_id, col(Purchase.paid_at).is_not(None))
    )
    found = uow.session.exec(query.order_by(col(Purchase.paid_at).desc(), col(Purchase.id).desc()).limit(MOST_SALES)).all()
    rows = [
        (str(one.id), one.paid_at, one.title, one.version, one.state, one.mode, one.currency, one.paid_cents - one.tax_cents,
         one.coupon_code, one.discount_cents, one.tax_cents, one.refunded_cents, int(share or 0))
        for one, share in found
    ]  # fmt: skip
    rows = sorted((*rows, *_months(uow, shares)), key=lambda row: (row[1], row[0]), reverse=True)[:MOST_SALES]
    text = write_csv(COLUMNS, rows)
    record(uow.trail, kind="sales", note=f"{len(rows)} sales as CSV")
    return SalesFile(f"sales-{uow.ports.clock.now():%Y-%m-%d}.csv", text)


def _months(uow: UnitOfWork, shares: sa.Subquery) -> list[tuple[Any, ...]]:
    """The paid months of monthly listings, as rows of the same table."""
    query = (
        select(Invoice, Subscription, shares.c.cents)
        .join(Subscription, col(Subscription.id) == col(Invoice.standing_id))
        .outerjoin(shares, shares.c.purchase_id == col(Invoice.id))
        .where(Invoice.seller_id == uow.workspace_id, col(Invoice.paid_at).is_not(None))
    )
    return [
        (str(one.id), one.paid_at, order.title, order.version, _state(one), one.mode, one.currency, one.paid_cents - one.tax_cents,
         order.coupon_code if one.discount_cents else "", one.discount_cents, one.tax_cents, one.refunded_cents, int(share or 0))
        for one, order, share in uow.session.exec(query.order_by(col(Invoice.paid_at).desc()).limit(MOST_SALES)).all()
    ]  # fmt: skip


def _state(invoice: Invoice) -> str:
    if invoice.is_lost:
        return "lost"
    return "refunded" if invoice.paid_cents and invoice.refunded_cents == invoice.paid_cents else invoice.state


def _signed(account: str) -> Any:
    return sa.case((col(LedgerEntry.credit_account) == account, col(LedgerEntry.amount_cents)), else_=-col(LedgerEntry.amount_cents))


def _touches(account: str) -> Any:
    return or_(col(LedgerEntry.credit_account) == account, col(LedgerEntry.debit_account) == account)
