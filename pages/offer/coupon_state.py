"""State of a buyer's code on a listing's page: what it takes off, before anything is ordered."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.coupons import get_quote
from app.session import Bridge
from app.views.coupons import Quote

EMPTY = Quote("", "", "", "", "", 0, 0, 0, is_monthly=False, note="")


class OfferCouponState(Bridge, rx.State):
    """A quote counts on the page of its listing only."""

    code: str = ""
    problem: str = ""
    quote: Quote = EMPTY

    @rx.event
    def set_code(self, text: str) -> None:
        """Typing a code."""
        self.code, self.problem = str(text)[:80], ""

    @rx.event
    async def apply(self, form: dict[str, Any]) -> None:
        """Show what the code that was sent takes off, or why it does not count."""
        self.quote, self.problem, self.code = EMPTY, "", str(form.get("coupon-code") or "")[:80]
        if not self.code.strip():
            self.problem = "Write the code first."
            return
        try:
            self.quote = await self._read(get_quote, slug=self._address_id(), coupon=self.code)
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message

    @rx.event
    def take_off(self) -> None:
        """Go on without a code."""
        self.code, self.problem, self.quote = "", "", EMPTY
