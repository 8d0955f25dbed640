"""State of a seller's coupons: the list, and the form for a new code."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.coupons import change_coupon, create_coupon, list_coupons
from app.services.market import get_earnings
from app.session import Bridge
from app.views import words
from app.views.coupons import CouponRow

BLANK = {"code": "", "kind": "percent", "value": "", "listing": "", "most_uses": "", "months": "1", "starts_at": "", "expires_at": ""}
STATES = {"active": "Active", "paused": "Paused", "early": "Not yet", "over": "Over", "used_up": "Used up"}


@dataclass(frozen=True, slots=True)
class CouponItem:
    """A code in words."""

    id: str
    code: str
    discount: str
    listing: str
    uses: str
    ends: str
    is_active: bool
    state: str
    state_label: str


class CouponState(Bridge, rx.State):
    """The codes of the workspace."""

    rows: list[CouponItem] = []
    form: dict[str, str] = BLANK
    errors: dict[str, str] = {}
    is_open: bool = False
    sold: list[dict[str, str]] = []

    @rx.event
    async def load(self) -> None:
        """Read them; who may not sell reads why in the page's own place."""
        self.rows, self.is_open = [], False
        try:
            found = await self._read(get_earnings)
            self.sold = [{"value": row.slug, "label": row.name} for row in found.listings]
            await self._fetch()
        except NotSignedIn:
            raise
        except AppError:
            return

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Open or close the form."""
        self.is_open, self.errors, self.form = is_open is True, {}, dict(BLANK)

    @rx.event
    def set_field(self, name: str, value: str) -> None:
        """Typing in the form."""
        if name in BLANK:
            self.form = {**self.form, name: str(value)[:80]}

    @rx.event
    async def create(self) -> Any:
        """Make the code, or show what is wrong where it is wrong."""
        try:
            made: CouponRow = await self._call(create_coupon, form=dict(self.form))
        except AppError as refused:
            self.errors = refused.fields
            return rx.toast.error(refused.message)
        self.is_open, self.errors = False, {}
        await self._fetch()
        return rx.toast.success(f"{made.code} counts now.")

    @rx.event
    async def set_active(self, coupon_id: str, is_active: bool) -> None:
        """Pause it, or let it count again."""
        await self._call(change_coupon, coupon_id=coupon_id, form={"is_active": is_active is True})
        await self._fetch()

    async def _fetch(self) -> None:
        self.rows = [_item(row) for row in await self._read(list_coupons)]


def _item(row: CouponRow) -> CouponItem:
    ends = words.day(row.expires_at)
    uses = f"{row.uses:,} of {row.most_uses:,}" if row.most_uses is not None else f"{row.uses:,}"
    return CouponItem(
        row.id, row.code, row.discount, row.listing or "All listings", uses, ends, row.is_active, row.state, STATES[row.state]
    )
