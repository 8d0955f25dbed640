"""State of the revenue chart, and the sales as a file."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.market import export_sales, get_revenue
from app.session import Bridge
from app.views.market import RevenueWeek, SalesFile


class RevenueState(Bridge, rx.State):
    """The last twelve weeks."""

    weeks: list[RevenueWeek] = []
    told: str = ""

    @rx.event
    async def load(self) -> None:
        """Read them; who may not sell reads why in the page's own place."""
        self.weeks, self.told = [], ""
        try:
            self.weeks = list(await self._read(get_revenue))
        except NotSignedIn:
            raise
        except AppError:
            return
        self.told = "; ".join(f"week of {week.label}: {week.amount}" for week in self.weeks)

    @rx.event
    async def export(self) -> Any:
        """Take the sales along."""
        file: SalesFile = await self._call(export_sales)
        return rx.download(data=file.text, filename=file.name)
