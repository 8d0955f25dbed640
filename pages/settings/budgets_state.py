"""State of the budgets page: the workspace's caps by day and month, those of its agents, and how its runs treat models."""

from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.budgets.editing import list_budgets, set_workspace_budget
from app.services.budgets.policies import NAMES, get_policy, set_policy
from app.views.budgets import BudgetView, PolicyView
from app.wiring import get_wiring
from pages.loading import Loading

_CAPS = ("money", "tokens", "time", "steps")


@dataclass(frozen=True)
class BudgetItem:
    """One budget, ready to show."""

    title: str = ""
    href: str = ""
    used: dict[str, str] = field(default_factory=dict)
    percent: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    level: int = 0
    waiting: str = ""
    resets: str = ""


@dataclass(frozen=True)
class RateItem:
    """One provider and what its fields show."""

    provider: str
    label: str


def budget_item(view: BudgetView) -> BudgetItem:
    """Put a budget into words."""
    waiting = f"{view.waiting} run{'' if view.waiting == 1 else 's'} wait{'s' if view.waiting == 1 else ''} for it" if view.waiting else ""
    return BudgetItem(
        title=view.title,
        used={cap.name: cap.words for cap in view.caps},
        percent={cap.name: cap.percent for cap in view.caps},
        lines=[cap.words for cap in view.caps if cap.words],
        level=view.level,
        waiting=waiting,
        resets=view.resets if view.is_set else "",
    )


class BudgetsState(Loading, rx.State):
    """What the page shows and what is typed into it; keys of `typed` are period and cap, of `rates` provider and limit."""

    day: BudgetItem = BudgetItem(used=dict.fromkeys(_CAPS, ""), percent=dict.fromkeys(_CAPS, 0))
    month: BudgetItem = BudgetItem(used=dict.fromkeys(_CAPS, ""), percent=dict.fromkeys(_CAPS, 0))
    agents: list[BudgetItem] = []
    typed: dict[str, dict[str, str]] = {period: dict.fromkeys(_CAPS, "") for period in ("day", "month")}
    fallbacks: list[str] = []
    choices: list[dict[str, str]] = []
    providers: list[RateItem] = []
    rates: dict[str, str] = {}
    errors: dict[str, str] = {}
    can_edit: bool = False

    @rx.event
    async def load(self) -> None:
        """Read everything."""
        self.errors = {}
        with self._loading():
            self._show(await self._read(list_budgets), await self._read(get_policy))

    def _show(self, views: tuple[BudgetView, ...], policy: PolicyView) -> None:
        day, month, *agents = views
        self.day, self.month, self.agents = budget_item(day), budget_item(month), [budget_item(view) for view in agents]
        self.typed = {view.period: {cap.name: cap.typed for cap in view.caps} for view in (day, month)}
        self.can_edit = day.can_edit
        self.fallbacks = list(policy.fallback_models)
        self.providers = [RateItem(rate.provider, rate.provider) for rate in policy.rates]
        self.rates = {f"{rate.provider}.{name}": getattr(rate, name) for rate in policy.rates for name in NAMES}
        cards = get_wiring().ports.catalogue.cards()
        self.choices = [{"value": card.id, "label": card.label} for card in cards if card.is_available and card.id not in self.fallbacks]

    @rx.event
    def set_cap(self, period: str, name: str, text: str) -> None:
        """Typing into a cap."""
        if period in self.typed and name in _CAPS:
            self.typed = {**self.typed, period: {**self.typed[period], name: str(text)[:40]}}

    @rx.event
    async def save_budget(self, period: str) -> Any:
        """Keep the caps of a day or a month."""
        self.errors = {}
        try:
            await self._call(set_workspace_budget, period=period, caps=self.typed.get(str(period), {}))
        except Invalid as refused:
            self.errors = {f"{period}.{name}": text for name, text in refused.fields.items()}
            return None
        await BudgetsState.load.fn(self)  # type: ignore[attr-defined] - the handler's own function
        return rx.toast.success("The budget is saved.")

    @rx.event
    def add_fallback(self, model: str) -> None:
        """Put a model at the end of the chain."""
        if model and model not in self.fallbacks:
            self.fallbacks = [*self.fallbacks, str(model)[:200]]

    @rx.event
    def remove_fallback(self, model: str) -> None:
        """Take a model out of the chain."""
        self.fallbacks = [one for one in self.fallbacks if one != model]

    @rx.event
    def set_rate(self, provider: str, name: str, text: str) -> None:
        """Typing into a rate."""
        if f"{provider}.{name}" in self.rates:
            self.rates = {**self.rates, f"{provider}.{name}": str(text)[:20]}

    @rx.event
    async def save_policy(self) -> Any:
        """Keep fallbacks and rates."""
        self.errors = {}
        rates = {item.provider: {name: self.rates[f"{item.provider}.{name}"] for name in NAMES} for item in self.providers}
        try:
            await self._call(set_policy, fallback_models=self.fallbacks, rates=rates)
        except Invalid as refused:
            self.errors = dict(refused.fields)
            return None
        return rx.toast.success("Saved. Runs that begin from now on use these models; limits count at once.")
