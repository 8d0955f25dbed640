"""The agent form: what stands in it, what is wrong with it, and saving it."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services import agents
from app.views.agents import AgentDetail, SaveConflict
from components import ui
from engine.json import JsonObject
from pages.agent.draft import AgentDraft, draft_of
from pages.agent.values_state import AgentValuesState
from pages.agent.variables import Variable, offered_variables
from pages.loading import Loading

NEW = "new"
NO_AGENT = AgentDetail("", "", "", 0, {}, "", "")
NO_CONFLICT = SaveConflict(0, "", "", ())


class AgentFormState(Loading, rx.State):
    """One agent's draft. `revision` rises whenever the fields are filled from outside, never while somebody types."""

    agent: AgentDetail = NO_AGENT
    draft: AgentDraft = AgentDraft()
    problems: dict[str, str] = {}
    place: tuple[int, int] = (0, 0)
    variables: list[Variable] = []
    revision: int = 0
    is_dirty: bool = False
    is_saving: bool = False
    view: str = "form"
    conflict: SaveConflict = NO_CONFLICT
    _saved: JsonObject = {}
    _created_id: str = ""  # tells the chat to hand its conversation over to the new agent

    @rx.event
    async def load(self) -> None:
        """Open the agent that the address names, or an empty form."""
        wanted = self._address_id()
        self.view, self.conflict = "form", NO_CONFLICT
        with self._loading():
            if wanted == NEW:
                self._show(await self._read(agents.blank_agent))
            else:
                self._show(await self._read(agents.get_agent, agent_id=wanted))
            await self._judge()
        if self.problem:
            self.agent = NO_AGENT

    def _show(self, agent: AgentDetail) -> None:
        """Fill the form with a saved version."""
        self.agent = agent
        self._saved = draft_of(agent.spec).spec()
        self._fill(draft_of(agent.spec))

    def _fill(self, draft: AgentDraft) -> None:
        self.draft = draft
        self.is_dirty = draft.is_other_than(self._saved)
        self.revision += 1

    async def _judge(self) -> None:
        """Ask the service what is wrong with the draft as it stands."""
        checked = await self._read(agents.check_agent, draft=self.draft.spec())
        is_untouched = not self.agent.id and not self.is_dirty
        found = {problem.field: problem.message for problem in checked.problems} | self.draft.problems()
        self.problems = {} if is_untouched else found
        self.place = next(((p.line, p.column) for p in checked.problems if p.field == "instructions"), (0, 0))
        self.variables = offered_variables(checked.variables)
        values = await self.get_state(AgentValuesState)
        values.hint, values.refusal = checked.hint, ""
        if "instructions" not in self.problems:
            values._ask(checked.needed)

    async def _change(self, draft: AgentDraft) -> None:
        self.draft = draft
        self.is_dirty = draft.is_other_than(self._saved)
        await self._judge()

    @rx.event
    async def set_field(self, name: str, value: Any) -> None:
        """Take one field as it was typed."""
        await self._change(self.draft.with_value(name, value))

    @rx.event
    async def toggle_tool(self, name: str, is_on: bool) -> None:
        """Switch a tool on or off."""
        await self._change(self.draft.with_tool(name, is_on))

    @rx.event
    async def remove_fallback(self, model: str) -> None:
        """Take a fallback model out."""
        await self._change(self.draft.with_fallback(model, is_on=False))

    @rx.event
    def set_view(self, view: str) -> None:
        """Choose form or chat on a narrow screen."""
        self.view = "chat" if view == "chat" else "form"

    @rx.event
    async def discard(self) -> None:
        """Go back to the newest saved version."""
        self._show(self.agent)
        await self._judge()

    @rx.event
    async def save(self) -> Any:
        """Save the draft as the next version; a stale one opens the comparison."""
        if not self.agent.can_edit or self.is_saving or (self.agent.id and not self.is_dirty):
            return
        self.is_saving = True
        yield
        try:
            yield await self._save()
        except Invalid as refused:
            self.problems = refused.fields
            yield [rx.toast.error("Not saved yet: please mend the marked fields."), ui.focus_first_error()]
        except AppError as refused:
            yield rx.toast.error(refused.message)
        finally:
            self.is_saving = False

    async def _save(self) -> Any:
        draft = self.draft
        if not self.agent.id:
            made = await self._call(agents.create_agent, draft=draft.sound_spec())
            self._keep(made, draft)
            self._created_id = made.id
            return [rx.redirect(f"/agents/{made.id}", replace=True), rx.toast.success(f"“{made.name}” was created.")]
        try:
            saved = await self._call(agents.save_agent, agent_id=self.agent.id, base_version=self.agent.version, draft=draft.sound_spec())
        except agents.StaleAgentSave as refused:
            self.conflict = refused.conflict
            return None
        self._keep(saved, draft)
        return rx.toast.success(f"Saved as version {saved.version}.")

    def _keep(self, saved: AgentDetail, draft: AgentDraft) -> None:
        """Take over what was saved, but never overwrite what somebody typed meanwhile."""
        self.agent = saved
        self._saved = draft_of(saved.spec).spec()
        self.is_dirty = self.draft.is_other_than(self._saved)
        if self.draft == draft and self.is_dirty:
            self._fill(draft_of(saved.spec))
