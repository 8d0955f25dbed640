"""The budget of one agent: what it may use a day, in everything that uses it."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid, NotFound
from app.services.agents import get_agent
from app.services.budgets.editing import get_agent_budget, set_agent_budget
from app.session import Bridge
from app.views.budgets import BudgetView

CAPS = ("money", "tokens")


class AgentBudgetState(Bridge, rx.State):
    """What is typed and what is used; an agent that was never saved has no budget yet."""

    slug: str = ""
    typed: dict[str, str] = dict.fromkeys(CAPS, "")
    used: dict[str, str] = dict.fromkeys(CAPS, "")
    percent: dict[str, int] = dict.fromkeys(CAPS, 0)
    resets: str = ""
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read the budget of the agent that the address names."""
        self.slug, self.errors = "", {}
        wanted = self._address_id()
        if wanted == "new":
            return
        try:
            agent = await self._read(get_agent, agent_id=wanted)
            self._show(await self._read(get_agent_budget, slug=agent.slug))
        except NotFound:
            return
        self.slug = agent.slug

    def _show(self, view: BudgetView) -> None:
        caps = {cap.name: cap for cap in view.caps}
        self.typed = {name: caps[name].typed for name in CAPS}
        self.used = {name: caps[name].words for name in CAPS}
        self.percent = {name: caps[name].percent for name in CAPS}
        self.resets = view.resets if view.is_set else ""

    @rx.event
    def set_cap(self, name: str, text: str) -> None:
        """Typing."""
        if name in CAPS:
            self.typed = {**self.typed, name: str(text)[:40]}

    @rx.event
    async def save(self) -> Any:
        """Keep the caps."""
        self.errors = {}
        try:
            self._show(await self._call(set_agent_budget, slug=self.slug, caps=self.typed))
        except Invalid as refused:
            self.errors = dict(refused.fields)
            return None
        return rx.toast.success("The budget is saved.")
