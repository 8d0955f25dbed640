"""State of the orders: the list, and one order while its payment arrives."""

import asyncio
from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.services.payments import get_purchase, list_purchases
from app.views import words
from app.views.market import PurchaseRow
from pages.loading import Loading

LOOKS = 20
STATES = {
    "pending": "Waiting for payment",
    "paid": "Paid",
    "refunded": "Taken back",
    "disputed": "Disputed",
    "lost": "Charged back",
    "expired": "Expired",
}


@dataclass(frozen=True, slots=True)
class PurchaseItem:
    """An order in words."""

    id: str = ""
    href: str = ""
    listing_href: str = ""
    title: str = ""
    version: str = ""
    amount: str = ""
    refunded: str = ""
    state: str = ""
    state_label: str = ""
    is_test: bool = False
    ordered: str = ""
    paid: str = ""
    can_refund: bool = False
    refund_until: str = ""


def purchase_item(row: PurchaseRow) -> PurchaseItem:
    """The row as it is shown."""
    return PurchaseItem(
        id=row.id,
        href=f"/purchases/{row.id}",
        listing_href=f"/marketplace/{row.slug}" if row.slug else "",
        title=row.title,
        version=row.version,
        amount=row.amount,
        refunded=row.refunded,
        state=row.state,
        state_label=STATES.get(row.state, row.state),
        is_test=row.is_test,
        ordered=words.stamp(row.ordered_at),
        paid=words.stamp(row.paid_at),
        can_refund=row.can_refund,
        refund_until=row.refund_until.strftime("%d %b %Y").lstrip("0") if row.refund_until else "",
    )


class PurchasesState(Loading, rx.State):
    """All orders of the workspace."""

    rows: list[PurchaseItem] = []

    @rx.event
    async def load(self) -> None:
        """Read them."""
        with self._loading():
            self.rows = [purchase_item(row) for row in await self._read(list_purchases)]


class PurchaseState(Loading, rx.State):
    """One order and its receipt."""

    order: PurchaseItem = PurchaseItem()

    @rx.event
    async def load(self) -> Any:
        """Read the order; where its payment is not in yet, look again for a while."""
        self.is_loading = True
        await self._fetch(get_purchase, purchase_id=self._address_id())
        return PurchaseState.wait_for_payment if self.order.state == "pending" else None

    @rx.event(background=True)
    async def wait_for_payment(self) -> None:
        """Only the gateway's event settles an order; this page looks for what it wrote."""
        for look in range(LOOKS):
            await asyncio.sleep(min(1 + look, 5))
            async with self:
                if self.order.state != "pending" or self._address_id() != self.order.id:
                    return
                await self._fetch(get_purchase, purchase_id=self.order.id)

    async def _fetch(self, service: Any, **which: Any) -> None:
        with self._loading():
            self.order = purchase_item(await self._read(service, **which))
