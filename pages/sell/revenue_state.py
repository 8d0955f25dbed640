"""State of the revenue chart, and the sales as a file."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.market import export_sales, get_revenue
from app.session import Bridge
from app.views.market import RevenueWeek, SalesFile


def best_of(weeks: Sequence[RevenueWeek]) -> str:
    """What the highest bar stands for; "" where nothing came in."""
    highest = max(weeks, key=lambda week: week.percent, default=None)
    return f"Best week, of {highest.label}: {highest.amount}." if highest and highest.percent else ""


class RevenueState(Bridge, rx.State):
    """The last twelve weeks."""

    weeks: list[RevenueWeek] = []
    told: str = ""
    best: str = ""  # the week that the highest bar stands for; empty while nothing came in

    @rx.event
    async def load(self) -> None:
        """Read them; who may not sell reads why in the page's own place."""
        self.weeks, self.told, self.best = [], "", ""
        try:
            self.weeks = list(await self._read(get_revenue))
        except NotSignedIn:
            raise
        except AppError:
            return
        self.told = "; ".join(f"week of {week.label}: {week.amount}" for week in self.weeks)
        self.best = best_of(self.weeks)

    @rx.event
    async def export(self) -> Any:
        """Take the sales along."""
        file: SalesFile = await self._call(export_sales)
        return rx.download(data=file.text, filename=file.name)
