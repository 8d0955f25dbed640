"""Sends each model call to the demo models or to a provider, by model id (engine.ports.LanguageModel); jobs and the CLI build one."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.ports import CredentialSource, ModelCard, ModelCatalogue
from engine.errors import Permanent
from engine.ports import NO_USAGE, EstimatesUsage, LanguageModel, ModelReply, ModelRequest, Usage

OnText = Callable[[str], None]


class ClosingModel(Protocol):
    """The models of providers; they hold connections. `key` is the caller's own and goes before the installation's."""

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None, key: str = "") -> ModelReply:
        """As engine.ports.LanguageModel."""
        ...

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

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None, key: str = "") -> ModelReply:
        """Ask the loaded model."""
        self.begin()
        assert self._loading is not None
        model = await asyncio.shield(self._loading)
        return await model.complete(request, on_text=on_text, key=key)

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """What the loaded model says; an answer that has words came from a loaded one."""
        loaded = self._loading.result() if self._loading is not None and self._loading.done() else None
        return loaded.estimate_usage(request, said) if isinstance(loaded, EstimatesUsage) else NO_USAGE

    async def aclose(self) -> None:
        """Close what was loaded."""
        if self._loading is not None:
            await (await self._loading).aclose()
            self._loading = None


class ModelRouter:
    """Refuses what the catalogue does not offer before any provider library is loaded."""

    def __init__(self, demo: LanguageModel, providers: ClosingModel, catalogue: ModelCatalogue) -> None:
        self._demo = demo
        self._providers = providers
        self._catalogue = catalogue

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> ModelReply:
        """Raise Permanent `unknown_model` or `model_key_missing`, or whatever the model raises."""
        return await self.complete_with(request, None, on_text=on_text)

    async def complete_with(self, request: ModelRequest, own: CredentialSource | None, *, on_text: OnText | None = None) -> ModelReply:
        """The same for a workspace: where it has a key of the provider, that one is used."""
        card = self._catalogue.card(request.model)
        if card is not None and card.is_demo:
            return await self._demo.complete(request, on_text=on_text)
        key = await own.model_key(card.provider) if own is not None and card is not None else ""
        usable_card(self._catalogue.with_keys({card.provider}) if key and card is not None else self._catalogue, request.model)
        return await self._providers.complete(request, on_text=on_text, key=key)

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """What the model behind the request's name says."""
        card = self._catalogue.card(request.model)
        model = self._demo if card is not None and card.is_demo else self._providers
        return model.estimate_usage(request, said) if isinstance(model, EstimatesUsage) else NO_USAGE


class OwnKeyModels:
    """The models of one run (engine.ports.LanguageModel)."""

    def __init__(self, router: ModelRouter, own: CredentialSource) -> None:
        self._router = router
        self._own = own

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> ModelReply:
        """Ask, with the workspace's own key where it has one."""
        return await self._router.complete_with(request, self._own, on_text=on_text)

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """As the router says."""
        return self._router.estimate_usage(request, said)
