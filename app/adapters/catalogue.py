"""The stored model catalogue behind the model picker; reads a data file, never imports a provider library."""

from collections.abc import Mapping

from app.core.ports import ModelCard


class StoredCatalogue:
    """Demo models plus whatever providers have a key."""

    def __init__(self, provider_keys: Mapping[str, str], *, openai_compatible_url: str = "") -> None:
        self._keys = dict(provider_keys)
        self._openai_compatible_url = openai_compatible_url

    def cards(self) -> list[ModelCard]:
        """All models, demo first."""
        return [ModelCard("demo/assistant", "Demo assistant", "demo", 32_000, 0, 0, is_demo=True)]

    def card(self, model_id: str) -> ModelCard | None:
        """One model or None."""
        return next((card for card in self.cards() if card.id == model_id), None)
