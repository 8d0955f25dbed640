"""What a workspace has bought on the marketplace: single orders and monthly ones, as one list for pages, API and command line."""

from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.money import format_cents
from app.core.permissions import Permission, permissions_of, require
from app.core.uow import UnitOfWork
from app.services.payments import get_purchase, list_purchases
from app.services.payments.refunding import WINDOW
from app.services.subscriptions.reading import invoice_row, open_url
from app.services.subscriptions.renting import find_rent, refundable
from app.services.subscriptions.standing import GRACE, RUNNING, newest_paid
from app.views.purchases import PurchaseRow
from models.listing import Listing
from models.subscription import Invoice, Subscription

MOST, MOST_INVOICES = 200, 120


def list_orders(uow: UnitOfWork) -> tuple[PurchaseRow, ...]:
    """The workspace's orders, newest first; those that came to nothing are left out."""
    require(uow, Permission.VIEW)
    wanted = uow.scoped(Subscription).where(col(Subscription.seller_id).is_not(None), Subscription.state != "expired")
    months = [_row(uow, order) for order in uow.session.exec(wanted.order_by(col(Subscription.id).desc()).limit(MOST))]
    return tuple(sorted((*list_purchases(uow), *months), key=lambda row: (row.ordered_at, row.id), reverse=True)[:MOST])


def get_order(uow: UnitOfWork, *, order_id: object) -> PurchaseRow:
    """One order: the page one comes back to after paying, and its receipts."""
    require(uow, Permission.VIEW)
    try:
        return get_purchase(uow, purchase_id=order_id)
    except NotFound:
        return _row(uow, find_rent(uow, order_id), with_invoices=True)


def _row(uow: UnitOfWork, order: Subscription, *, with_invoices: bool = False) -> PurchaseRow:
    slug = uow.session.exec(select(Listing.slug).where(Listing.id == order.listing_id)).first() if order.listing_id else None
    invoices = _invoices(uow, order)
    newest, months = newest_paid(uow, order), refundable(uow, order)
    can_act = Permission.EDIT in permissions_of(uow.actor) and order.state in RUNNING
    refunded = sum(one.refunded_cents for one in invoices)
    return PurchaseRow(
        id=str(order.id),
        slug=slug or "",
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
        pay_url=open_url(uow, order),
        invoices=tuple(invoice_row(one) for one in invoices) if with_invoices else (),
    )


def _taken_off(order: Subscription) -> str:
    if not order.discount_cents:
        return ""
    months = {0: "every month", 1: "the first month"}.get(order.discount_months, f"the first {order.discount_months} months")
    return f"{format_cents(-order.discount_cents, order.currency)}, {months}"


def _invoices(uow: UnitOfWork, order: Subscription) -> list[Invoice]:
    """The newest first."""
    mine = uow.scoped(Invoice).where(Invoice.standing_id == order.id)
    return list(uow.session.exec(mine.order_by(col(Invoice.issued_at).desc(), col(Invoice.id).desc()).limit(MOST_INVOICES)))
