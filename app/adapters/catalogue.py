"""The stored model catalogue behind the model picker; reads a data file, never imports a provider library."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from app.adapters.llm_demo.models import DEMO_CARDS
from app.core.config import PROVIDER_KEY_VARIABLES, PROVIDER_URL_VARIABLES
from app.core.ports import ModelCard

COMPATIBLE = "openai-compatible"
_OWN_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,119}")
PROVIDER_LABELS = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "gemini": "Google Gemini",
    "mistral": "Mistral",
    "groq": "Groq",
    "azure": "Azure OpenAI",
    "deepseek": "DeepSeek",
    "xai": "xAI",
    "ollama": "Ollama",
}
_NAMED_BY_CUSTOMER = ("ollama", "azure")  # pulled models and deployments have names that no list can know


class StoredCatalogue:
    """Demo models first, then whatever providers have a key, then the rest with the reason why not."""

    def __init__(
        self, provider_keys: Mapping[str, str], *, openai_compatible_url: str = "", provider_urls: Mapping[str, str] | None = None
    ) -> None:
        self._keys = dict(provider_keys)
        self._urls = dict(provider_urls or {})
        self._compatible_url = openai_compatible_url
        self._cards = self._build()
        self._by_id = {card.id: card for card in self._cards}
        self._others: dict[frozenset[str], StoredCatalogue] = {}

    def cards(self) -> list[ModelCard]:
        """All models, demo first, available before unavailable."""
        return list(self._cards)

    def card(self, model_id: str) -> ModelCard | None:
        """One model or None; a name of the customer's own (`openai-compatible/<name>`, a deployment) gets a card without prices."""
        if known := self._by_id.get(model_id):
            return known
        provider, _, name = model_id.partition("/")
        if provider not in (COMPATIBLE, *_NAMED_BY_CUSTOMER) or not _OWN_NAMES.fullmatch(name):
            return None
        reason = self._missing(provider)
        return ModelCard(model_id, name, provider, 128_000, 0, 0, is_available=not reason, unavailable_reason=reason)

    def with_keys(self, providers: Collection[str]) -> "StoredCatalogue":
        """The catalogue of somebody with keys of these providers besides the installation's; made once per set of them."""
        added = frozenset(providers) & PROVIDER_KEY_VARIABLES.keys() - self._keys.keys()
        if not added:
            return self
        if added not in self._others:
            keys = {**self._keys, **dict.fromkeys(added, "")}
            self._others[added] = StoredCatalogue(keys, openai_compatible_url=self._compatible_url, provider_urls=self._urls)
        return self._others[added]

    def _build(self) -> list[ModelCard]:
        stored = [self._judge(card) for card in _stored()]
        available = [card for card in stored if card.is_available]
        return [*DEMO_CARDS, *available, *(card for card in stored if not card.is_available)]

    def _judge(self, card: ModelCard) -> ModelCard:
        reason = self._missing(card.provider)
        return replace(card, is_available=not reason, unavailable_reason=reason)

    def _missing(self, provider: str) -> str:
        """Which variable an administrator has to set, or an empty text."""
        if provider == COMPATIBLE:
            return "" if self._compatible_url else "Set OPENAI_BASE_URL to use a server of your own."
        if provider in _NAMED_BY_CUSTOMER and provider not in self._urls:
            return f"Set {PROVIDER_URL_VARIABLES[provider]} to the address of your {PROVIDER_LABELS[provider]} server."
        if provider != "ollama" and provider not in self._keys:
            return f"Save a key of {PROVIDER_LABELS[provider]} under Settings, Credentials, or set {PROVIDER_KEY_VARIABLES[provider]}."
        return ""


@lru_cache(maxsize=1)
def _stored() -> tuple[ModelCard, ...]:
    rows = json.loads(Path(__file__).with_name("model_catalogue.json").read_text(encoding="utf-8"))
    return tuple(ModelCard(**row) for row in rows)
