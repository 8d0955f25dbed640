"""What a workspace has bought on the marketplace: single orders and monthly ones, as one list for pages, API and command line."""

import uuid
from collections.abc import Collection, Sequence

from sqlmodel import col

from app.core.errors import NotFound
from app.core.money import format_cents
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.payments import get_purchase, list_purchases
from app.services.payments.refunding import WINDOW, slugs_of
from app.services.subscriptions.reading import invoice_row, url_of
from app.services.subscriptions.renting import find_rent, may_go_back
from app.services.subscriptions.standing import GRACE, RUNNING, newest_of
from app.views.purchases import PurchaseRow
from models.subscription import Invoice, Subscription

MOST, MOST_INVOICES = 200, 120


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


def _rows(uow: UnitOfWork, orders: Sequence[Subscription], *, with_invoices: bool = False) -> list[PurchaseRow]:
    """In as many statements for many as for one."""
    slugs = slugs_of(uow, {one.listing_id for one in orders if one.listing_id})
    invoices = _invoices(uow, [one.id for one in orders])
    return [_row(uow, one, slugs.get(one.listing_id, ""), invoices.get(one.id, []), with_invoices=with_invoices) for one in orders]


def _row(uow: UnitOfWork, order: Subscription, slug: str, invoices: Sequence[Invoice], *, with_invoices: bool) -> PurchaseRow:
    newest = newest_of(invoices)
    months = may_go_back(uow, newest)
    can_act = Permission.EDIT in permissions_of(uow.actor) and order.state in RUNNING
    refunded = sum(one.refunded_cents for one in invoices)
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
        paid_at=next((one.paid_at for one in reversed(invoices) if one.paid_at), None),
        can_refund=months is not None,
        refund_until=months.paid_at + WINDOW if months and months.paid_at else None,
        is_monthly=True,
        amount_cents=order.amount_cents,
        discount_cents=order.discount_cents,
        discount=_taken_off(order),
        coupon=order.coupon_code,
        currency=order.currency,
        period_end=newest.period_end if newest else order.period_end,
        is_cancelled=order.is_cancelled,
        can_cancel=can_act and not order.is_cancelled,
        can_keep=can_act and order.is_cancelled,
        grace_until=newest.period_end + GRACE if newest and order.state == "past_due" else None,
        pay_url=url_of(order, invoices),
        invoices=tuple(invoice_row(one) for one in invoices[:MOST_INVOICES]) if with_invoices else (),
    )


def _taken_off(order: Subscription) -> str:
    if not order.discount_cents:
        return ""
    months = {0: "every month", 1: "the first month"}.get(order.discount_months, f"the first {order.discount_months} months")
    return f"{format_cents(-order.discount_cents, order.currency)}, {months}"


def _invoices(uow: UnitOfWork, orders: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Invoice]]:
    """By order, the newest first."""
    found: dict[uuid.UUID, list[Invoice]] = {}
    mine = uow.scoped(Invoice).where(col(Invoice.standing_id).in_(orders))
    for row in uow.session.exec(mine.order_by(col(Invoice.issued_at).desc(), col(Invoice.id).desc())):
        found.setdefault(row.standing_id, []).append(row)
    return found
