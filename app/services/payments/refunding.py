"""Refunds: the buyer takes an order back within the window. The gateway is asked between two units of work; its news books the rest."""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from app.core.errors import Conflict, NotFound
from app.core.money import format_cents
from app.core.payments import REFUND_WINDOW
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.payments.buying import find_order
from app.services.payments.documents import receipts_of
from app.services.payments.noting import attempt_of, note_refused, refund_name, refusals_of
from app.views.purchases import PurchaseRow, ReceiptRow
from models.listing import Install, Listing
from models.purchase import Purchase

WINDOW = REFUND_WINDOW
_CHECKOUT = re.compile(r"[A-Za-z0-9_]{1,120}")


class RefundClosed(Conflict):
    """The order cannot be taken back (any more)."""

    code = "refund_closed"


@dataclass(frozen=True, slots=True)
class RefundWish:
    """What the gateway is asked for; the key makes a second click harmless, and another is used after a refusal."""

    payment_id: str
    amount_cents: int
    key: str
    refusals: int = 0


def plan_refund(uow: UnitOfWork, *, purchase_id: object) -> RefundWish:
    """All that is left of the order's price."""
    require(uow, Permission.EDIT)
    purchase = find_order(uow, purchase_id)
    if purchase.state != "paid" or not purchase.payment_id:
        raise RefundClosed("This order is not paid, or was taken back already.")
    if not _is_open(uow, purchase):
        raise RefundClosed(f"Orders can be taken back within {WINDOW.days} days. Write to the creator about this one.")
    left = purchase.paid_cents - purchase.refunded_cents
    name = refund_name(purchase.id, purchase.refunded_cents)
    refusals = refusals_of(uow, name)
    return RefundWish(purchase.payment_id, left, attempt_of(name, refusals), refusals)


def note_refund_refused(uow: UnitOfWork, *, purchase_id: object, refusals: int) -> None:
    """The gateway would not: the next attempt is another one."""
    require(uow, Permission.EDIT)
    purchase = find_order(uow, purchase_id)
    name = refund_name(purchase.id, purchase.refunded_cents)
    note_refused(uow, name, refusals=refusals, payment_id=purchase.payment_id or "")


def list_purchases(uow: UnitOfWork) -> tuple[PurchaseRow, ...]:
    """The workspace's orders, newest first; those that came to nothing are left out."""
    require(uow, Permission.VIEW)
    orders = uow.scoped(Purchase).where(Purchase.state != "expired").order_by(col(Purchase.id).desc()).limit(200)
    return _rows(uow, uow.session.exec(orders).all())


def get_purchase(uow: UnitOfWork, *, purchase_id: object) -> PurchaseRow:
    """One order: the page one comes back to after paying, and its receipt."""
    require(uow, Permission.VIEW)
    return _rows(uow, [find_order(uow, purchase_id)])[0]


def get_checkout(uow: UnitOfWork, *, checkout_id: object) -> PurchaseRow:
    """The order that the test gateway's page is about."""
    require(uow, Permission.VIEW)
    wanted = checkout_id if isinstance(checkout_id, str) and _CHECKOUT.fullmatch(checkout_id) else ""
    purchase = uow.session.exec(uow.scoped(Purchase).where(Purchase.checkout_id == wanted)).first()
    if purchase is None:
        raise NotFound("This payment")
    return _rows(uow, [purchase])[0]


def _is_open(uow: UnitOfWork, purchase: Purchase) -> bool:
    return (
        purchase.state == "paid"
        and purchase.paid_cents > 0
        and purchase.paid_at is not None
        and uow.ports.clock.now() <= purchase.paid_at + WINDOW
    )


def _rows(uow: UnitOfWork, purchases: Sequence[Purchase]) -> tuple[PurchaseRow, ...]:
    """In as many statements for many as for one."""
    slugs = slugs_of(uow, {one.listing_id for one in purchases if one.listing_id})
    documents = receipts_of(uow, [one.id for one in purchases if one.paid_at])
    here = installed_of(uow, slugs)
    rows = ((one, _row(uow, one, slugs.get(one.listing_id, ""), documents.get(one.id, ()))) for one in purchases)
    return tuple(replace(row, is_installed=one.listing_id in here) for one, row in rows)


def installed_of(uow: UnitOfWork, listing_ids: Collection[uuid.UUID | None]) -> set[uuid.UUID | None]:
    """Those of the listings that this workspace has installed."""
    mine = uow.scoped(Install).with_only_columns(col(Install.listing_id))
    return set(uow.session.connection().execute(mine.where(col(Install.listing_id).in_(listing_ids))).scalars())


def slugs_of(uow: UnitOfWork, listing_ids: Collection[uuid.UUID]) -> dict[uuid.UUID | None, str]:
    """The addresses of listings that are still there."""
    found = uow.session.exec(select(Listing.id, Listing.slug).where(col(Listing.id).in_(listing_ids)))
    return {row[0]: row[1] for row in found}


def _row(uow: UnitOfWork, purchase: Purchase, slug: str, documents: tuple[ReceiptRow, ...]) -> PurchaseRow:
    return PurchaseRow(
        id=str(purchase.id),
        slug=slug,
        title=purchase.title,
        version=purchase.version,
        amount=format_cents(purchase.paid_cents if purchase.paid_at else purchase.amount_cents, purchase.currency),
        refunded=format_cents(purchase.refunded_cents, purchase.currency) if purchase.refunded_cents else "",
        state=purchase.state,
        is_test=purchase.mode == "test",
        ordered_at=purchase.created_at,
        paid_at=purchase.paid_at,
        can_refund=_is_open(uow, purchase),
        refund_until=purchase.paid_at + WINDOW if purchase.paid_at else None,
        amount_cents=purchase.amount_cents,
        discount_cents=purchase.discount_cents,
        discount=format_cents(-purchase.discount_cents, purchase.currency) if purchase.discount_cents else "",
        coupon=purchase.coupon_code,
        tax=format_cents(purchase.tax_cents, purchase.currency) if purchase.tax_cents else "",
        net=format_cents(purchase.paid_cents - purchase.tax_cents, purchase.currency) if purchase.tax_cents else "",
        kept=format_cents(purchase.paid_cents - purchase.refunded_cents, purchase.currency) if purchase.refunded_cents else "",
        currency=purchase.currency,
        pay_url=purchase.checkout_url if purchase.state == "pending" else "",
        documents=documents,
    )
