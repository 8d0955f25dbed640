"""Sends each model call to the demo models or to a provider, by model id (engine.ports.LanguageModel); jobs and the CLI build one."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.ports import ModelCard, ModelCatalogue
from engine.errors import Permanent
from engine.ports import LanguageModel, ModelReply, ModelRequest


class ClosingModel(LanguageModel, Protocol):
    """A language model that holds connections."""

    async def aclose(self) -> None:
        """Close them."""
        ...


def usable_card(catalogue: ModelCatalogue, model: str) -> ModelCard:
    """The model's card, or Permanent `unknown_model` or `model_key_missing` with what to set."""
    card = catalogue.card(model)
    if card is None:
        raise Permanent("unknown_model", f"There is no model {model[:100]!r}. Choose one from the list.", field="model")
    if not card.is_available:
        raise Permanent("model_key_missing", f"{card.label} cannot be used yet. {card.unavailable_reason}", field="model")
    return card


class LateModel:
    """A model whose library takes seconds to import: loaded in a thread at the first call, or before if `begin` is called."""

    def __init__(self, load: Callable[[], ClosingModel]) -> None:
        self._load = load
        self._loading: asyncio.Future[ClosingModel] | None = None

    def begin(self) -> None:
        """Start loading on the running event loop; calls that come meanwhile wait for it."""
        if self._loading is None:
            self._loading = asyncio.get_running_loop().run_in_executor(None, self._load)

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Ask the loaded model."""
        self.begin()
        assert self._loading is not None
        model = await asyncio.shield(self._loading)
        return await model.complete(request, on_text=on_text)

    async def aclose(self) -> None:
        """Close what was loaded."""
        if self._loading is not None:
            await (await self._loading).aclose()
            self._loading = None


class ModelRouter:
    """Refuses what the catalogue does not offer before any provider library is loaded."""

    def __init__(self, demo: LanguageModel, providers: LanguageModel, catalogue: ModelCatalogue) -> None:
        self._demo = demo
        self._providers = providers
        self._catalogue = catalogue

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Raise Permanent `unknown_model` or `model_key_missing`, or whatever the model raises."""
        card = usable_card(self._catalogue, request.model)
        model = self._demo if card.is_demo else self._providers
        return await model.complete(request, on_text=on_text)
