"""Which model a call goes to, and that nothing heavy is loaded for what the catalogue does not offer."""

import asyncio
from collections.abc import Callable

import pytest

from app.adapters.catalogue import StoredCatalogue
from app.adapters.llm_demo.model import DemoLanguageModel
from app.adapters.llm_router import LateModel, ModelRouter, OwnKeyModels
from app.core.ports import OpenedCredential
from engine.errors import Permanent
from engine.ports import Message, ModelReply, ModelRequest


class Named:
    """Answers with its name and counts how often it was built and closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None, key: str = "") -> ModelReply:
        """Say who answers, and with which key."""
        return ModelReply(f"provider {key}".strip(), model=request.model)

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


def ask(model: str) -> ModelRequest:
    return ModelRequest(model, (Message("user", "hello"),))


async def test_each_model_id_goes_to_its_own_side() -> None:
    built: list[Named] = []

    def load() -> Named:
        built.append(Named())
        return built[-1]

    late = LateModel(load)
    router = ModelRouter(DemoLanguageModel(tokens_per_s=0), late, StoredCatalogue({"openai": "key"}))
    assert (await router.complete(ask("demo/assistant"))).model == "demo/assistant"
    assert not built
    replies = await asyncio.gather(*(router.complete(ask("openai/gpt-4.1-mini")) for _ in range(5)))
    assert {reply.text for reply in replies} == {"provider"}
    assert len(built) == 1
    await late.aclose()
    assert built[0].closed == 1


@pytest.mark.parametrize(("model", "code"), [("openai/gpt-4.1-mini", "model_key_missing"), ("nobody/knows", "unknown_model")])
async def test_what_the_catalogue_does_not_offer_loads_no_library(model: str, code: str) -> None:
    def load() -> Named:
        raise AssertionError("loaded")

    router = ModelRouter(DemoLanguageModel(tokens_per_s=0), LateModel(load), StoredCatalogue({}))
    with pytest.raises(Permanent) as caught:
        await router.complete(ask(model))
    assert caught.value.code == code


class OwnKeys:
    """A workspace with a key of OpenAI."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def model_key(self, provider: str) -> str:
        self.asked.append(provider)
        return "own-key" if provider == "openai" else ""

    async def for_request(self, name: str) -> OpenedCredential:
        raise AssertionError(name)


@pytest.mark.parametrize("installed", [{}, {"openai": "installed"}])
async def test_a_workspaces_own_key_goes_before_the_installations(installed: dict[str, str]) -> None:
    late = LateModel(Named)
    own = OwnKeys()
    models = OwnKeyModels(ModelRouter(DemoLanguageModel(tokens_per_s=0), late, StoredCatalogue(installed)), own)
    assert (await models.complete(ask("openai/gpt-4.1-mini"))).text == "provider own-key"
    await late.aclose()


async def test_no_key_is_asked_for_a_demo_model_and_none_is_made_up() -> None:
    own = OwnKeys()
    models = OwnKeyModels(ModelRouter(DemoLanguageModel(tokens_per_s=0), LateModel(Named), StoredCatalogue({})), own)
    await models.complete(ask("demo/assistant"))
    assert own.asked == []
    with pytest.raises(Permanent, match="cannot be used yet"):
        await models.complete(ask("anthropic/claude-haiku-4-5"))
