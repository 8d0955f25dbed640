"""The model dialog of the agent form: search, and what a choice is for (the model itself or a fallback)."""

import reflex as rx

from app.services import agents
from app.session import Bridge
from app.views.agents import NO_MODEL, ModelGroup, ModelOption, group_models
from pages.agent.form_state import AgentFormState


class AgentModelState(Bridge, rx.State):
    """What the dialog shows; `purpose` is "model" or "fallback" while it is open."""

    groups: list[ModelGroup] = []
    chosen: ModelOption = NO_MODEL
    labels: dict[str, str] = {}
    search: str = ""
    purpose: str = ""
    _models: list[ModelOption] = []

    @rx.event
    async def load(self) -> None:
        """Read the catalogue."""
        self._models = list((await self._read(agents.list_form_options)).models)
        self.labels = {model.id: model.label for model in self._models}
        self.search, self.purpose = "", ""
        self._show()
        await self._mark()

    def _show(self) -> None:
        self.groups = group_models(self._models, self.search)

    async def _mark(self) -> None:
        form = await self.get_state(AgentFormState)
        unknown = ModelOption(form.draft.model, form.draft.model, "", "", "", "", "", False, False, "", False, False)
        self.chosen = next((model for model in self._models if model.id == form.draft.model), unknown)

    @rx.event
    def set_search(self, text: str) -> None:
        """Filter the list."""
        self.search = str(text)[:100]
        self._show()

    @rx.event
    def open_for(self, is_open: bool) -> None:
        """Open the dialog for the model itself, or close it."""
        self.purpose, self.search = ("model" if is_open is True else ""), ""
        self._show()

    @rx.event
    def open_for_fallback(self) -> None:
        """Open the dialog to add a fallback."""
        self.purpose, self.search = "fallback", ""
        self._show()

    @rx.event
    async def refresh(self) -> None:
        """Show the draft's model again after the form was filled from outside."""
        await self._mark()

    @rx.event
    async def pick(self, model_id: str) -> None:
        """Take a model."""
        form = await self.get_state(AgentFormState)
        if self.purpose == "fallback":
            await form._change(form.draft.with_fallback(model_id, is_on=True))
        else:
            await form._change(form.draft.with_value("model", model_id))
        self.purpose = ""
        await self._mark()
