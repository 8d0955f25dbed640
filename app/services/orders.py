"""What a workspace has bought on the marketplace: single orders and monthly ones, as one list for pages, API and command line."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer
from sqlmodel import col

from app.core.errors import NotFound
from app.core.money import format_cents
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.payments import get_purchase, list_purchases
from app.services.payments.refunding import WINDOW, installed_of, slugs_of
from app.services.subscriptions.reading import invoice_row, url_of
from app.services.subscriptions.renting import find_rent, may_go_back
from app.services.subscriptions.standing import GRACE, NEWEST, RUNNING, pays
from app.views.purchases import PurchaseRow
from models.subscription import Invoice, Subscription

MOST, MOST_INVOICES = 200, 120
LAST_ISSUED = (col(Invoice.issued_at).desc(), col(Invoice.id).desc())


def list_orders(uow: UnitOfWork) -> tuple[PurchaseRow, ...]:
    """The workspace's orders, newest first; those that came to nothing are left out."""
    require(uow, Permission.VIEW)
    wanted = uow.scoped(Subscription).where(col(Subscription.seller_id).is_not(None), Subscription.state != "expired")
    months = _rows(uow, uow.session.exec(wanted.order_by(col(Subscription.id).desc()).limit(MOST)).all())
    return tuple(sorted((*list_purchases(uow), *months), key=lambda row: (row.ordered_at, row.id), reverse=True)[:MOST])


def get_order(uow: UnitOfWork, *, order_id: object) -> PurchaseRow:
    """One order: the page one comes back to after paying, and its receipts."""
    require(uow, Permission.VIEW)
    try:
        return get_purchase(uow, purchase_id=order_id)
    except NotFound:
        return _rows(uow, [find_rent(uow, order_id)], with_invoices=True)[0]


@dataclass(frozen=True, slots=True)
class Months:
    """What a row shows of an order's invoices."""

    refunded_cents: int = 0
    paid_at: datetime | None = None
    newest: Invoice | None = None
    unpaid: Invoice | None = None


def _rows(uow: UnitOfWork, orders: Sequence[Subscription], *, with_invoices: bool = False) -> list[PurchaseRow]:
    """In as many statements for many as for one."""
    slugs = slugs_of(uow, {one.listing_id for one in orders if one.listing_id})
    months, invoices = _months(uow, [one.id for one in orders]), _invoices(uow, orders) if with_invoices else ()
    here = installed_of(uow, slugs)
    rows = ((one, _row(uow, one, slugs.get(one.listing_id, ""), months.get(one.id, Months()), invoices)) for one in orders)
    return [replace(row, is_installed=one.listing_id in here) for one, row in rows]


def _row(uow: UnitOfWork, order: Subscription, slug: str, seen: Months, invoices: Sequence[Invoice]) -> PurchaseRow:
    newest, refunded = seen.newest, seen.refunded_cents
    months = may_go_back(uow, newest)
    can_act = Permission.EDIT in permissions_of(uow.actor) and order.state in RUNNING
    return PurchaseRow(
        id=str(order.id),
        slug=slug,
        title=order.title,
        version=order.version,
        amount=f"{format_cents(order.amount_cents, order.currency)} a month",
        refunded=format_cents(refunded, order.currency) if refunded else "",
        state=order.state,
        is_test=order.mode == "test",
        ordered_at=order.created_at,
        paid_at=seen.paid_at,
        can_refund=months is not None,
        refund_until=months.paid_at + WINDOW if months and months.paid_at else None,
        is_monthly=True,
        amount_cents=order.amount_cents,
        discount_cents=order.discount_cents,
        discount=_taken_off(order),
        coupon=order.coupon_code,
        currency=order.currency,
        period_end=newest.period_end if newest else None if order.state == "ended" else order.period_end,
        is_cancelled=order.is_cancelled,
        can_cancel=can_act and not order.is_cancelled,
        can_keep=can_act and order.is_cancelled and order.seller_id is not None and not is_closed(uow, order.seller_id),
        grace_until=newest.period_end + GRACE if newest and order.state == "past_due" else None,
        pay_url=url_of(order, [seen.unpaid] if seen.unpaid else []),
        invoices=tuple(invoice_row(one) for one in invoices),
    )


def _taken_off(order: Subscription) -> str:
    if not order.discount_cents:
        return ""
    months = {0: "every month", 1: "the first month"}.get(order.discount_months, f"the first {order.discount_months} months")
    return f"{format_cents(-order.discount_cents, order.currency)}, {months}"


def _months(uow: UnitOfWork, orders: Collection[uuid.UUID]) -> dict[uuid.UUID, Months]:
    """By order: sums of all its invoices, and of two of them what a row shows."""
    of_orders = (col(Invoice.workspace_id) == uow.workspace_id, col(Invoice.standing_id).in_(orders))
    sums = sa.select(col(Invoice.standing_id), sa.func.sum(col(Invoice.refunded_cents)), sa.func.min(col(Invoice.paid_at)))
    summed = uow.session.connection().execute(sums.where(*of_orders).group_by(col(Invoice.standing_id))).all()
    newest, unpaid = _first_of_each(uow, orders, pays(), NEWEST), _first_of_each(uow, orders, col(Invoice.state) == "open", LAST_ISSUED)
    return {one: Months(int(cents), paid_at, newest.get(one), unpaid.get(one)) for one, cents, paid_at in summed}


def _first_of_each(
    uow: UnitOfWork, orders: Collection[uuid.UUID], which: sa.ColumnElement[bool], order: Sequence[Any]
) -> dict[uuid.UUID, Invoice]:
    place = sa.func.row_number().over(partition_by=col(Invoice.standing_id), order_by=order).label("place")
    mine = (col(Invoice.workspace_id) == uow.workspace_id, col(Invoice.standing_id).in_(orders), which)
    ranked = sa.select(col(Invoice.id).label("id"), place).where(*mine).subquery()
    found = uow.scoped(Invoice).where(col(Invoice.id).in_(sa.select(ranked.c.id).where(ranked.c.place == 1)))
    lean = found.options(defer(Invoice.lines))  # type: ignore[arg-type] - a column as the mapper sees it
    return {row.standing_id: row for row in uow.session.exec(lean)}


def _invoices(uow: UnitOfWork, orders: Sequence[Subscription]) -> Sequence[Invoice]:
    """The newest first."""
    mine = uow.scoped(Invoice).where(col(Invoice.standing_id).in_([one.id for one in orders]))
    return uow.session.exec(mine.order_by(*LAST_ISSUED).limit(MOST_INVOICES)).all()
