"""State of the seller's account: its bookings, page by page."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.services.market import list_bookings
from app.views import words
from app.views.market import BookingPage
from pages.listing import Log


@dataclass(frozen=True, slots=True)
class Booking:
    """A line of the account."""

    at: str
    stamp: str
    what: str
    title: str
    amount: str


class BookingsState(Log, rx.State):
    """The account, newest first."""

    rows: list[Booking] = []
    total: int = 0

    @rx.event
    async def load(self) -> None:
        """Show the newest."""
        await self._first()

    async def _page(self, cursor: str = "") -> list[Any]:
        page: BookingPage = await self._read(list_bookings, cursor=cursor)
        self.next_cursor, self.total = page.next_cursor, page.total
        return [Booking(words.day(row.at), words.stamp(row.at), row.what, row.title, row.amount) for row in page.rows]
