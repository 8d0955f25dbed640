"""The model dialog of the inspector: its search, and which field it is open for."""

import reflex as rx

from app.services import agents
from app.session import Bridge
from app.views.agents import NO_MODEL, ModelGroup, ModelOption, group_models


class InspectorModelState(Bridge, rx.State):
    """`purpose` is the name of the field while the dialog is open."""

    groups: list[ModelGroup] = []
    chosen: ModelOption = NO_MODEL
    search: str = ""
    purpose: str = ""
    _models: list[ModelOption] = []

    @rx.event
    async def open_for(self, field: str, model_id: str):
        """Open for one field, with its present model marked."""
        if not self._models:
            self._models = list((await self._read(agents.list_form_options)).models)
        self.chosen = next((model for model in self._models if model.id == model_id), NO_MODEL)
        self.purpose, self.search = str(field)[:80], ""
        self._show()

    @rx.event
    def set_open(self, is_open: bool):
        """Close."""
        if is_open is not True:
            self.purpose = ""

    @rx.event
    def set_search(self, text: str):
        """Filter the list."""
        self.search = str(text)[:100]
        self._show()

    def _show(self) -> None:
        self.groups = group_models(self._models, self.search)
