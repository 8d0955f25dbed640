"""State of the dialog that gives a listing another price."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import set_listing_price
from app.session import Bridge
from pages.sell.coupon_state import CouponState
from pages.sell.state import SellState


class PriceState(Bridge, rx.State):
    """Which listing, what it costs now, and the price that is typed."""

    slug: str = ""
    name: str = ""
    price: str = ""
    waiting: str = ""  # the version that waits for the operators, with the price of now
    is_monthly: bool = False
    subscribers: int = 0
    typed: str = ""
    errors: dict[str, str] = {}
    is_saving: bool = False

    @rx.event
    async def ask(self, slug: str) -> None:
        """Open the dialog."""
        sell: Any = await self.get_state(SellState)
        one = next((row for row in sell.listings if row.slug == slug), None)
        if one is None:
            return
        self.slug, self.name, self.price, self.errors, self.is_saving = one.slug, one.name, one.price, {}, False
        self.is_monthly, self.subscribers, self.typed = one.is_monthly, one.subscribers, f"{one.price_cents / 100:.2f}"
        self.waiting = one.case_version if one.case_state == "waiting" and one.case_kind == "version" else ""

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        if is_open is not True:
            self.slug = ""

    @rx.event
    def set_typed(self, text: str) -> None:
        """Typing."""
        self.typed, self.errors = str(text)[:40], {}

    @rx.event
    async def save(self) -> Any:
        """Save it, or show what is wrong."""
        self.is_saving = True
        yield
        try:
            price = await self._call(set_listing_price, slug=self.slug, price=self.typed)
        except AppError as refused:
            self.errors = refused.fields or {"price": refused.message}
            return
        finally:
            self.is_saving = False
        self.slug = ""
        yield [rx.toast.success(f"{self.name} costs {price} from now on."), SellState.look_again, CouponState.load]
