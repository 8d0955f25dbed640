"""The model picker's list: complete, ordered, and honest about what a model needs before it can be used."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.adapters.catalogue import PROVIDER_LABELS, StoredCatalogue
from app.adapters.catalogue_refresh import CATALOGUE, build, label_of
from app.core.config import PROVIDER_KEY_VARIABLES


def test_demo_models_stand_first_and_are_always_available() -> None:
    cards = StoredCatalogue({}).cards()
    demo = [card for card in cards if card.is_demo]
    assert cards[: len(demo)] == demo
    assert cards[0].id == "demo/assistant"
    assert all(card.is_available and card.description and card.input_micros_per_1k == 0 for card in demo)


def test_without_a_key_every_model_says_which_variable_to_set() -> None:
    cards = [card for card in StoredCatalogue({}).cards() if not card.is_demo]
    assert len(cards) >= 60
    assert not any(card.is_available for card in cards)
    assert all(card.unavailable_reason.startswith(("Set ", "Save a key of ")) for card in cards)
    openai = next(card for card in cards if card.id == "openai/gpt-4.1-mini")
    assert openai.unavailable_reason == "Save a key of OpenAI under Settings, Credentials, or set OPENAI_API_KEY."


def test_models_of_a_provider_with_a_key_come_before_the_others() -> None:
    cards = StoredCatalogue({"mistral": "key"}).cards()
    availability = [card.is_available for card in cards]
    assert availability == sorted(availability, reverse=True)
    assert {card.provider for card in cards if card.is_available} == {"demo", "mistral"}


@pytest.mark.parametrize(
    ("model", "provider"),
    [("openai-compatible/qwen3:8b", "openai-compatible"), ("ollama/my-tune:latest", "ollama"), ("azure/our-deployment", "azure")],
)
def test_names_of_the_customers_own_get_a_card(model: str, provider: str) -> None:
    absent = StoredCatalogue({}).card(model)
    assert absent is not None
    assert not absent.is_available
    urls = {"ollama": "http://127.0.0.1:11434", "azure": "https://own.example"}
    present = StoredCatalogue({"azure": "key"}, openai_compatible_url="http://127.0.0.1:9000/v1", provider_urls=urls).card(model)
    assert present is not None
    assert (present.provider, present.is_available) == (provider, True)


@pytest.mark.parametrize(
    "model",
    [
        "",
        "gpt-4",
        "openai/none",
        "huggingface/x",
        "custom_openai/x",
        "demo/none",
        "openai-compatible/",
        "openai-compatible/a b",
        "ollama/../x?y",
    ],
)
def test_a_model_outside_the_catalogue_does_not_exist(model: str) -> None:
    assert StoredCatalogue({}, openai_compatible_url="http://127.0.0.1/v1").card(model) is None


def test_every_provider_has_a_name_and_a_key_variable() -> None:
    providers = {card.provider for card in StoredCatalogue({}).cards()} - {"demo"}
    assert providers == set(PROVIDER_LABELS)
    assert providers - {"ollama"} == set(PROVIDER_KEY_VARIABLES)


def test_the_stored_file_is_what_the_installed_price_map_gives() -> None:
    spec = find_spec("litellm")
    assert spec
    assert spec.origin
    prices = json.loads((Path(spec.origin).parent / "model_prices_and_context_window_backup.json").read_text(encoding="utf-8"))
    assert json.loads(CATALOGUE.read_text(encoding="utf-8")) == build(prices), "run: python -m app.adapters.catalogue_refresh"


def test_every_entry_is_complete() -> None:
    for card in StoredCatalogue({}).cards():
        assert card.context_tokens >= 4096, card.id
        assert card.label, card.id
        assert card.input_micros_per_1k >= 0, card.id
        assert card.output_micros_per_1k >= card.input_micros_per_1k or card.provider == "gemini", card.id


@pytest.mark.parametrize(
    ("bare", "label"),
    [
        ("claude-opus-4-5", "Claude Opus 4.5"),
        ("gpt-5.4-mini", "GPT-5.4 mini"),
        ("gemini-3.5-flash", "Gemini 3.5 Flash"),
        ("mistral-large-latest", "Mistral Large"),
        ("openai/gpt-oss-120b", "GPT-OSS 120b"),
        ("o3", "o3"),
    ],
)
def test_labels_read_like_names(bare: str, label: str) -> None:
    assert label_of(bare) == label
