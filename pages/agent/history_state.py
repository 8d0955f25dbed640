"""Versions of an agent, and the comparison that a stale save opens."""

from dataclasses import replace
from typing import Any

import reflex as rx

from app.services import agents
from app.session import Bridge
from app.views.agents import AgentVersionRow
from pages.agent.draft import draft_of
from pages.agent.form_state import NO_CONFLICT, AgentFormState
from pages.agent.model_state import AgentModelState
from pages.agent.schema_state import AgentSchemaState


class AgentHistoryState(Bridge, rx.State):
    """The version list, and whose change wins where a stale save clashes."""

    versions: list[AgentVersionRow] = []
    is_open: bool = False
    picks: dict[str, str] = {}

    @rx.event
    async def set_open(self, is_open: bool) -> Any:
        """Open the list at once and read it afresh, or close it."""
        self.is_open = is_open is True
        yield
        if self.is_open:
            form = await self.get_state(AgentFormState)
            self.versions = list(await self._read(agents.list_agent_versions, agent_id=form.agent.id))

    @rx.event
    async def restore(self, number: int) -> Any:
        """Save an old version again as the newest and show it."""
        form = await self.get_state(AgentFormState)
        try:
            restored = await self._call(
                agents.restore_agent_version, agent_id=form.agent.id, number=number, base_version=form.agent.version
            )
        except agents.StaleAgentSave as refused:
            form.conflict = refused.conflict
            return None
        self.is_open = False
        form._show(restored)
        await form._judge()
        return [
            AgentSchemaState.load,
            AgentModelState.refresh,
            rx.toast.success(f"Version {number} is back, as version {restored.version}."),
        ]

    @rx.event
    async def pick(self, field: str, side: str) -> None:
        """Choose whose change to keep for one field."""
        form = await self.get_state(AgentFormState)
        if any(change.field == field for change in form.conflict.changes):
            self.picks = {**self.picks, field: "theirs" if side == "theirs" else "yours"}

    @rx.event
    async def close_conflict(self, is_open: bool) -> None:
        """Go on editing without saving."""
        if is_open is not True:
            form = await self.get_state(AgentFormState)
            form.conflict, self.picks = NO_CONFLICT, {}

    @rx.event
    async def take_theirs(self) -> Any:
        """Give up one's own changes and open the newest version."""
        form = await self.get_state(AgentFormState)
        form.conflict, self.picks = NO_CONFLICT, {}
        form._show(await self._read(agents.get_agent, agent_id=form.agent.id))
        await form._judge()
        return [AgentSchemaState.load, AgentModelState.refresh]

    @rx.event
    async def merge(self) -> Any:
        """Put both sides' changes into the form, on top of the newest version, and save."""
        form = await self.get_state(AgentFormState)
        merged = agents.merge_fields(form.conflict, self.picks)
        newest = await self._read(agents.get_agent, agent_id=form.agent.id)
        # The merge stands on the version it was compared with; if yet another came meanwhile, saving asks again.
        form._show(replace(newest, version=form.conflict.current_version))
        form.conflict, self.picks = NO_CONFLICT, {}
        form._fill(draft_of(merged))
        await form._judge()
        return [AgentSchemaState.load, AgentModelState.refresh, AgentFormState.save]
