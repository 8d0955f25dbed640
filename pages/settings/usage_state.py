"""State of the page of usage: what the workspace used in a period, by model and by workflow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import reflex as rx

from app.services.usage import list_usage
from app.views.usage import UsageLine, UsageSummary
from app.views.words import day, money
from app.wiring import get_wiring
from pages.listing import Listing

PERIODS = (("7", "Last 7 days"), ("30", "Last 30 days"), ("90", "Last 90 days"), ("365", "Last year"))
STATUSES = ("succeeded", "failed", "cancelled", "waiting", "running", "queued")


@dataclass(frozen=True, slots=True)
class UsedItem:
    """One model or workflow; `href` leads to the workflow, "" for a model."""

    name: str = ""
    calls: str = ""
    given: str = ""
    written: str = ""
    cost: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class UsedTotal:
    """Everything of the period together."""

    period: str = ""
    calls: str = "0"
    tokens: str = "0"
    cost: str = ""
    runs: str = "0"
    ended: str = ""


def present(line: UsageLine, *, is_workflow: bool) -> UsedItem:
    """Put numbers into words."""
    return UsedItem(
        name=line.name or ("Chats and trials" if is_workflow else "Unknown"),
        calls=f"{line.calls:,}",
        given=f"{line.input_tokens:,}",
        written=f"{line.output_tokens:,}",
        cost=money(line.cost_micros),
        href=f"/workflows/{line.id}" if is_workflow and line.id else "",
    )


def total_of(found: UsageSummary) -> UsedTotal:
    """The figures at the top of the page."""
    told = [f"{found.runs[status]:,} {status}" for status in STATUSES if found.runs.get(status)]
    return UsedTotal(
        period=f"{day(found.since)} to {day(found.until)}, in UTC",
        calls=f"{found.total.calls:,}",
        tokens=f"{found.total.input_tokens + found.total.output_tokens:,}",
        cost=money(found.total.cost_micros),
        runs=f"{sum(found.runs.values()):,}",
        ended=", ".join(told) or "none in this period",
    )


class UsageState(Listing, rx.State):
    """The period, what is looked for, and the two tables."""

    days: str = "30"
    total: UsedTotal = UsedTotal()
    models: list[UsedItem] = []
    workflows: list[UsedItem] = []
    is_unused: bool = True

    @rx.event
    async def load(self) -> None:
        """Show the last 30 days."""
        self.search, self.days = "", "30"
        await self._first()

    @rx.event
    async def set_days(self, days: str) -> None:
        """Choose another period."""
        self.days = days if days in dict(PERIODS) else "30"
        await self._first()

    async def _fetch(self) -> None:
        today = get_wiring().ports.clock.now().date()
        since = today - timedelta(days=int(self.days) - 1)
        found = await self._read(list_usage, since=since.isoformat(), until=today.isoformat())
        self.total, self.is_unused = total_of(found), not (found.total.calls or found.runs)
        self.models = self._fitting(present(line, is_workflow=False) for line in found.models)
        self.workflows = self._fitting(present(line, is_workflow=True) for line in found.workflows)

    def _fitting(self, items: Iterable[UsedItem]) -> list[UsedItem]:
        words = self.search.strip().casefold()
        return [item for item in items if words in item.name.casefold()]
