"""State of what operators choose on the page of the plan: the plan of every workspace that has no other, or none at all."""

from typing import Any

import reflex as rx

from app.services.plans import PLANS, get_everybodys_plan, set_everybodys_plan
from app.session import Bridge, SessionState
from app.views.plans import EverybodysPlan
from pages.settings.plan_state import PlanState

OFF = "off"
NAMES = {OFF: "No plans", **{plan.key: plan.name for plan in PLANS.values()}}
PROMISE = "Nothing that is there is taken away, and runs that have begun go on."


class EverybodysPlanState(Bridge, rx.State):
    """The choice, and the question before it counts."""

    is_shown: bool = False
    is_fixed: bool = False
    plan: str = OFF
    wanted: str = OFF
    is_asking: bool = False

    @rx.event
    async def load(self) -> None:
        """Read it where the person is an operator."""
        shell = await self.get_state(SessionState)
        self.is_asking, self.is_shown = False, shell.me.is_operator
        if self.is_shown:
            found: EverybodysPlan = await self._read(get_everybodys_plan)
            self.plan, self.wanted, self.is_fixed = found.plan, found.plan, found.is_fixed

    @rx.event
    def choose(self, plan: str) -> None:
        """Ask before it counts."""
        if plan in NAMES and plan != self.plan:
            self.wanted, self.is_asking = plan, True

    @rx.event
    def set_asking(self, is_asking: bool) -> None:
        """Leave it as it is."""
        self.is_asking = is_asking is True
        self.wanted = self.wanted if self.is_asking else self.plan

    @rx.event
    async def change(self) -> Any:
        """It counts."""
        wanted, self.is_asking, self.wanted = self.wanted, False, self.plan
        await self._call(set_everybodys_plan, plan=wanted)
        self.plan = self.wanted = wanted
        yield rx.toast.success("Plans are off." if wanted == OFF else f"Everybody's plan is {NAMES[wanted]} now.")
        yield PlanState.load
        yield SessionState.guard

    @rx.var
    def question(self) -> str:
        """What is about to count."""
        return "Turn plans off?" if self.wanted == OFF else f"{NAMES.get(self.wanted, '')} for everybody?"

    @rx.var
    def consequence(self) -> str:
        """What that means."""
        plan = PLANS.get(self.wanted)
        if plan is None:
            return "Nothing is counted, limited or sold by plans any more."
        tasks = "no limit of tasks" if plan.tasks is None else f"{plan.tasks:,} tasks a month"
        agents = "no limit of agents" if plan.agents is None else f"{plan.agents:,} agents"
        return f"Every workspace without a plan of its own has {agents} and {tasks} at once. {PROMISE}"
