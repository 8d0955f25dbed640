"""State of the orders: the list, and one order while its payment arrives."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.money import format_cents
from app.services.orders import get_order, list_orders
from app.views import words
from app.views.plans import INVOICE_STATES, InvoiceRow
from app.views.purchases import PurchaseRow, ReceiptRow
from pages.loading import Loading

LOOKS = 20
STATES = {
    "pending": "Waiting for payment",
    "paid": "Paid",
    "refunded": "Refunded",
    "disputed": "Disputed",
    "lost": "Charged back",
    "expired": "Expired",
    "active": "Active",
    "past_due": "Payment refused",
    "ended": "Ended",
}


@dataclass(frozen=True, slots=True)
class MonthItem:
    """A month's invoice."""

    number: str
    issued: str
    total: str
    state: str
    refunded: str
    href: str


@dataclass(frozen=True, slots=True)
class PurchaseItem:
    """An order in words."""

    id: str = ""
    href: str = ""
    listing_href: str = ""
    price: str = ""  # before a coupon
    title: str = ""
    version: str = ""
    amount: str = ""
    refunded: str = ""
    discount: str = ""
    coupon: str = ""
    tax: str = ""
    net: str = ""
    kept: str = ""
    is_installed: bool = False
    state: str = ""
    state_label: str = ""
    is_test: bool = False
    ordered: str = ""
    ordered_on: str = ""
    paid: str = ""
    can_refund: bool = False
    refund_until: str = ""
    is_monthly: bool = False
    next_label: str = ""
    next_date: str = ""
    can_cancel: bool = False
    can_keep: bool = False
    grace_until: str = ""
    pay_url: str = ""
    invoices: tuple[MonthItem, ...] = ()
    documents: tuple[MonthItem, ...] = ()


def purchase_item(row: PurchaseRow) -> PurchaseItem:
    """The row as it is shown."""
    return PurchaseItem(
        id=row.id,
        href=f"/purchases/{row.id}",
        listing_href=f"/marketplace/{row.slug}" if row.slug else "",
        price=_list_price(row),
        title=row.title,
        version=row.version,
        amount=row.amount,
        refunded=f"\u2212{row.refunded}" if row.refunded else "",
        discount=row.discount,
        coupon=row.coupon,
        tax=row.tax,
        net=row.net,
        kept=row.kept,
        is_installed=row.is_installed,
        state=row.state,
        state_label=STATES.get(row.state, row.state),
        is_test=row.is_test,
        ordered=words.stamp(row.ordered_at),
        ordered_on=words.day(row.ordered_at),
        paid=words.stamp(row.paid_at),
        can_refund=row.can_refund,
        refund_until=words.day(row.refund_until),
        is_monthly=row.is_monthly,
        next_label=_next_label(row),
        next_date=words.day(row.period_end),
        can_cancel=row.can_cancel,
        can_keep=row.can_keep,
        grace_until=words.day(row.grace_until),
        pay_url=row.pay_url,
        invoices=tuple(_month(one) for one in row.invoices),
        documents=tuple(_document(one) for one in row.documents),
    )


def _document(row: ReceiptRow) -> MonthItem:
    kind = "Receipt" if row.kind == "receipt" else "Credit note"
    return MonthItem(row.number, words.day(row.issued_at), row.total, kind, "", f"/api/v1/receipts/{row.id}/document")


def _list_price(row: PurchaseRow) -> str:
    """Where a coupon took something off a single order."""
    return format_cents(row.amount_cents + row.discount_cents, row.currency) if row.discount_cents and not row.is_monthly else ""


def _next_label(row: PurchaseRow) -> str:
    if row.state not in ("active", "past_due", "ended") or row.period_end is None:
        return ""
    return "Paid until" if row.state == "ended" or row.is_cancelled else "Next payment"


def _month(row: InvoiceRow) -> MonthItem:
    state = INVOICE_STATES.get(row.state, row.state)
    state = f"{state}, {row.refunded} refunded" if row.refunded and row.state == "paid" else state
    return MonthItem(row.number, words.day(row.issued_at), row.total, state, row.refunded, f"/api/v1/invoices/{row.id}/document")


class PurchasesState(Loading, rx.State):
    """All orders of the workspace."""

    rows: list[PurchaseItem] = []

    @rx.event
    async def load(self) -> None:
        """Read them."""
        with self._loading():
            self.rows = [purchase_item(row) for row in await self._read(list_orders)]


class PurchaseState(Loading, rx.State):
    """One order and its receipt."""

    order: PurchaseItem = PurchaseItem()

    @rx.event
    async def load(self) -> Any:
        """Read the order; where its payment is not in yet, look again for a while."""
        self.is_loading = True
        await self._fetch(get_order, order_id=self._address_id())
        return PurchaseState.wait_for_payment if self.order.state == "pending" else None

    @rx.event(background=True)
    async def wait_for_payment(self) -> None:
        """Only the gateway's event settles an order; this page looks for what it wrote."""
        for look in range(LOOKS):
            await asyncio.sleep(min(1 + look, 5))
            async with self:
                if self.order.state != "pending" or self._address_id() != self.order.id:
                    return
                await self._fetch(get_order, order_id=self.order.id)

    async def _fetch(self, service: Any, **which: Any) -> None:
        with self._loading():
            self.order = purchase_item(await self._read(service, **which))
