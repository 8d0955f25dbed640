"""State of the page of the plan: what is used, what is paid, what a change would cost, and the invoices."""

import asyncio
from typing import Any

import reflex as rx

from app import subscribing
from app.core.errors import AppError
from app.services.plans import get_plan
from app.services.subscriptions import get_billing, list_invoices
from app.session import call_as
from app.views.plans import BillingDetail, PlanDetail
from app.wiring import get_wiring
from pages.loading import Loading, looking_again
from pages.settings.plan_present import (
    BillItem,
    ChangeItem,
    InvoiceItem,
    Meter,
    PlanItem,
    bill_item,
    change_item,
    invoice_item,
    meters_of,
    order_item,
    plan_item,
)


class PlanState(Loading, rx.State):
    """The plan, what of it is used, and what is paid for it."""

    is_on: bool = False
    name: str = ""
    meters: list[Meter] = []
    plans: list[PlanItem] = []
    bill: BillItem = BillItem()
    invoices: list[InvoiceItem] = []
    shown: ChangeItem = ChangeItem()  # the change that the dialog asks about
    is_asking: bool = False
    asked: str = ""  # the plan whose change is being worked out

    @rx.event
    async def load(self) -> None:
        """Read the page."""
        self.is_asking, self.asked = False, ""
        with self._loading():
            await self._look()

    @rx.event
    async def look(self) -> None:
        """Look again while an order waits for its payment: only the gateway's word settles it."""
        with looking_again():
            await self._look()

    @rx.event
    async def ask(self, plan: str) -> Any:
        """Work out what going over to a plan means, and ask for consent."""
        token = self._token()

        def run(service: Any, **arguments: Any) -> Any:
            return call_as(token, service, write=True, arguments=arguments)

        self.asked = plan
        yield
        try:
            self.shown = change_item(await asyncio.to_thread(subscribing.preview, get_wiring(), run, plan=plan))
            self.is_asking = True
        finally:
            self.asked = ""

    @rx.event
    def ask_order(self, plan: str) -> None:
        """Ask before a plan is ordered that has no room for what is used."""
        wanted = next((one for one in self.plans if one.key == plan and one.action == "buy"), None)
        if wanted is not None:
            self.shown, self.is_asking = order_item(wanted), True

    @rx.event
    def close(self) -> None:
        """Change nothing."""
        self.is_asking = False

    async def _look(self) -> None:
        found: PlanDetail = await self._read(get_plan)
        bill: BillingDetail = await self._read(get_billing)
        self.is_on, self.name, self.meters, self.bill = found.is_on, found.name, meters_of(found), bill_item(bill)
        self.plans = [plan_item(card, bill) for card in found.cards]
        try:
            self.invoices = [invoice_item(row) for row in await self._read(list_invoices)] if found.is_on else []
        except AppError:  # members see the plan, not what was paid
            self.invoices = []
