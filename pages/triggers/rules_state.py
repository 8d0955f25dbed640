"""State of the list of event rules."""

from typing import Any

import reflex as rx

from app.services.rules import delete_rule, list_rules, pause_rule, resume_rule
from app.wiring import get_wiring
from pages.listing import Asking, Listing
from pages.triggers.rules_present import RuleItem, rule_item


class RulesState(Asking, Listing, rx.State):
    """Which rules are shown, and the one that is about to be deleted."""

    rows: list[RuleItem] = []
    total: int = 0
    can_edit: bool = False
    workflow_id: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the list; `?workflow=` narrows it to one workflow."""
        self.asked_id = ""
        self.workflow_id = self.router.url.query_parameters.get("workflow", "")[:64]
        await self._first()

    async def _fetch(self) -> None:
        found = await self._read(list_rules, search=self.search, workflow_id=self.workflow_id)
        now = get_wiring().ports.clock.now()
        self.rows = [rule_item(row, now=now) for row in found.rows]
        self.total, self.can_edit = found.total, found.can_edit

    @rx.event
    async def pause(self, rule_id: str) -> None:
        """Start nothing any more."""
        await self._call(pause_rule, rule_id=rule_id)
        await self._fetch()

    @rx.event
    async def resume(self, rule_id: str) -> None:
        """Start runs again, in the name of who presses this."""
        await self._call(resume_rule, rule_id=rule_id)
        await self._fetch()

    @rx.event
    async def delete(self) -> Any:
        """Take the rule away."""
        rule_id, name = self._take_asked()
        await self._call(delete_rule, rule_id=rule_id)
        await self._fetch()
        return rx.toast.success(f"“{name}” was deleted. Its runs stay.")
