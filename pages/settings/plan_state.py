"""State of the page of the plan."""

from dataclasses import dataclass

import reflex as rx

from app.core.money import format_cents
from app.services.plans import get_plan
from app.views.plans import PlanCard, PlanDetail
from pages.loading import Loading


@dataclass(frozen=True, slots=True)
class Meter:
    """What is used of something; `percent` is for the bar, `level` 80 or 100 when that share is passed."""

    label: str = ""
    used: str = ""
    note: str = ""
    percent: int = 0
    level: int = 0


@dataclass(frozen=True, slots=True)
class PlanItem:
    """A plan in words."""

    name: str
    price: str
    agents: str
    tasks: str
    is_current: bool


class PlanState(Loading, rx.State):
    """The plan and what of it is used."""

    is_on: bool = False
    name: str = ""
    meters: list[Meter] = []
    plans: list[PlanItem] = []

    @rx.event
    async def load(self) -> None:
        """Read the page."""
        with self._loading():
            found: PlanDetail = await self._read(get_plan)
            self.is_on, self.name = found.is_on, found.name
            self.meters = [_tasks(found), _meter("Agents", found.agents, found.most_agents, "")] if found.is_on else []
            self.plans = [_item(card) for card in found.cards]


def _tasks(found: PlanDetail) -> Meter:
    begins = f"The count begins anew on {found.resets_on:%d %B}.".replace(" 0", " ") if found.resets_on else ""
    grace = f"Up to {found.most_tasks:,} may start. " if found.most_tasks and found.most_tasks != found.tasks_of_plan else ""
    return _meter("Tasks this month", found.tasks, found.tasks_of_plan, grace + begins)


def _meter(label: str, used: int, most: int | None, note: str) -> Meter:
    if most is None:
        return Meter(label, f"{used:,}, without limit", note)
    percent = used * 100 // most
    return Meter(label, f"{used:,} of {most:,}", note, min(percent, 100), 100 if percent >= 100 else 80 if percent >= 80 else 0)


def _item(card: PlanCard) -> PlanItem:
    agents = "No limit of agents" if card.agents is None else f"{card.agents:,} agents"
    tasks = "No limit of tasks" if card.tasks is None else f"{card.tasks:,} tasks a month"
    return PlanItem(card.name, _price(card.price_cents), agents, tasks, card.is_current)


def _price(cents: int | None) -> str:
    if cents is None:
        return "By agreement"
    return f"{format_cents(cents, 'usd')} a month" if cents else "Free"
