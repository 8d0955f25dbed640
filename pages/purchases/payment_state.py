"""State of the test gateway's page: what is paid there."""

import reflex as rx

from app.services.subscriptions import get_payable
from app.views.plans import DocumentLine, Payable
from pages.loading import Loading


class PaymentState(Loading, rx.State):
    """A payment that somebody is about to make with a test card."""

    title: str = ""
    amount: str = ""
    terms: str = ""
    ended: str = ""
    back: str = ""
    checkout_id: str = ""
    is_once: bool = True
    lines: list[DocumentLine] = []
    asks_address: bool = False
    asks_tax_id: bool = False

    @rx.event
    async def load(self) -> None:
        """Read what it is for."""
        self.is_loading, self.checkout_id = True, self._address_id()
        with self._loading():
            found: Payable = await self._read(get_payable, checkout_id=self.checkout_id)
            self.title, self.amount, self.back, self.is_once = found.title, found.amount, found.back, found.is_once
            self.terms, self.ended = found.terms, found.ended
            self.lines, self.asks_address, self.asks_tax_id = list(found.lines), found.asks_address, found.asks_tax_id
