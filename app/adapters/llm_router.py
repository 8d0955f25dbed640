"""Sends each model call to the demo models or to a provider, by model id (engine.ports.LanguageModel)."""

from collections.abc import Callable

from engine.errors import Permanent
from engine.ports import LanguageModel, ModelReply, ModelRequest


class ModelRouter:
    """`providers` is None where no provider library may load, such as the web process."""

    def __init__(self, demo: LanguageModel, providers: LanguageModel | None) -> None:
        self._demo = demo
        self._providers = providers

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Raise Permanent `unknown_model` for an id without a provider."""
        if request.model.startswith("demo/"):
            return await self._demo.complete(request, on_text=on_text)
        if self._providers is None:
            raise Permanent("unknown_model", "Only demo models can be used here. Choose a demo model.", field="model")
        return await self._providers.complete(request, on_text=on_text)
