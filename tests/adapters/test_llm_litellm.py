"""The real litellm against local OpenAI- and Anthropic-compatible servers over HTTP: answers, streams, tools, usage and every fault."""

import asyncio
import json
import logging
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from app.adapters.catalogue import StoredCatalogue
from app.adapters.llm_litellm import LitellmModel
from app.core.config import Settings, read_settings
from engine.errors import NodeFailed, Permanent, Transient
from engine.ports import Message, ModelReply, ModelRequest, ToolCall, ToolSchema
from tests.support.fake_anthropic import fake_anthropic
from tests.support.fake_openai import FakeProvider, fake_openai
from tests.support.waiting import until

pytestmark = [  # raised inside litellm, about its own classes
    pytest.mark.filterwarnings("ignore:Item '.*' on TypedDict class:UserWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_:DeprecationWarning"),
]
CANARY = "sk-canary-0123456789abcdef"
OPENAI, ANTHROPIC, COMPATIBLE = "openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5", "openai-compatible/our-model"
WEATHER = ToolSchema(
    "weather", "The weather of a city.", {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
)
ANSWER_SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}


def settings_for(**variables: str) -> Settings:
    return read_settings({"AF_ENV": "test", **variables})


def build(settings: Settings) -> LitellmModel:
    catalogue = StoredCatalogue(
        settings.provider_keys, openai_compatible_url=settings.openai_compatible_url, provider_urls=settings.provider_urls
    )
    return LitellmModel(settings, catalogue)


@dataclass
class Bench:
    """The model under test with both fake providers."""

    model: LitellmModel
    openai: FakeProvider
    anthropic: FakeProvider

    def fake(self, model: str) -> FakeProvider:
        return self.anthropic if model.startswith("anthropic/") else self.openai

    async def ask(self, model: str = OPENAI, *, stream: bool = False, **options: object) -> tuple[ModelReply, list[str]]:
        pieces: list[str] = []
        options.setdefault("messages", (Message("system", "Be brief."), Message("user", "Hello?")))
        request = ModelRequest(model, **options)  # type: ignore[arg-type]
        return await self.model.complete(request, on_text=pieces.append if stream else None), pieces


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[FakeProvider, FakeProvider]]:
    with fake_openai() as openai, fake_anthropic() as anthropic:
        yield openai, anthropic


@pytest.fixture
async def bench(servers: tuple[FakeProvider, FakeProvider]) -> AsyncIterator[Bench]:
    openai, anthropic = servers
    for fake in servers:
        fake.behaviour, fake.text, fake.tool_calls, fake.hang_ups = "ok", "Hello from the fake provider.", [], 0
        fake.requests.clear()
        fake.keys.clear()
    settings = settings_for(
        OPENAI_API_KEY=CANARY, ANTHROPIC_API_KEY=CANARY, OPENAI_BASE_URL=f"{openai.url}/v1", ANTHROPIC_BASE_URL=anthropic.url
    )
    model = build(settings)
    yield Bench(model, openai, anthropic)
    await model.aclose()


both = pytest.mark.parametrize("model", [OPENAI, ANTHROPIC])
ways = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


@both
@ways
async def test_an_answer_arrives_with_text_usage_and_cost(bench: Bench, model: str, stream: bool) -> None:
    reply, pieces = await bench.ask(model, stream=stream, temperature=0.3, max_tokens=100)
    assert reply.text == "Hello from the fake provider."
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.calls) == (11, 7, 1)
    assert not reply.usage.is_estimated
    assert reply.usage.cost_micros == {OPENAI: round(11 * 0.4 + 7 * 1.6), ANTHROPIC: 11 + 7 * 5}[model]
    assert (reply.finish_reason, reply.model) == ("stop", model)
    assert ("".join(pieces) == reply.text and len(pieces) > 2) if stream else not pieces
    sent = bench.fake(model).requests[-1]
    assert sent["model"] == model.split("/", 1)[1]
    assert bool(sent.get("stream")) is stream
    assert bench.fake(model).keys[-1] == CANARY


async def test_an_own_server_gets_the_name_after_the_slash(bench: Bench) -> None:
    reply, _ = await bench.ask(COMPATIBLE, idempotency_key="run:node:1")
    assert reply.text
    assert bench.openai.requests[-1]["model"] == "our-model"
    assert reply.usage.cost_micros == 0


@both
@ways
async def test_tool_calls_are_put_together_from_their_pieces(bench: Bench, model: str, stream: bool) -> None:
    bench.fake(model).tool_calls = [("weather", '{"city": "Lisbon"}'), ("weather", '{"city": "Oslo, Norway"}')]
    reply, _ = await bench.ask(model, stream=stream, tools=(WEATHER,))
    assert [(call.name, json.loads(call.arguments)) for call in reply.tool_calls] == [
        ("weather", {"city": "Lisbon"}),
        ("weather", {"city": "Oslo, Norway"}),
    ]
    assert len({call.id for call in reply.tool_calls}) == 2
    assert reply.finish_reason == "tool_calls"
    assert "weather" in json.dumps(bench.fake(model).requests[-1]["tools"])


@both
async def test_a_conversation_with_tool_results_is_passed_on(bench: Bench, model: str) -> None:
    call = ToolCall("call_1", "weather", '{"city": "Lisbon"}')
    broken = ToolCall("call_2", "weather", '{"city": ')
    messages = (
        Message("user", "Weather in Lisbon?\ud800"),
        Message("assistant", "", (call, broken)),
        Message("tool", '{"sky": "blue"}', tool_call_id="call_1", name="weather"),
        Message("tool", '{"error": "bad arguments"}', tool_call_id="call_2", name="weather"),
    )
    reply, _ = await bench.ask(model, messages=messages)
    assert reply.text
    sent = json.dumps(bench.fake(model).requests[-1]["messages"])
    assert "call_1" in sent
    assert "blue" in sent


async def test_structured_output_is_asked_for_in_the_providers_way(bench: Bench) -> None:
    bench.openai.text = '{"city": "Lisbon"}'
    reply, _ = await bench.ask(OPENAI, response_schema=ANSWER_SCHEMA)
    assert json.loads(reply.text) == {"city": "Lisbon"}
    assert bench.openai.requests[-1]["response_format"]["json_schema"]["schema"] == ANSWER_SCHEMA
    bench.anthropic.text = '{"city": "Oslo"}'
    await bench.ask(ANTHROPIC, response_schema=ANSWER_SCHEMA, tools=(WEATHER,))
    sent = bench.anthropic.requests[-1]
    assert [tool["name"] for tool in sent["tools"]] == ["weather"]
    assert "JSON Schema" in json.dumps(sent["system"])


@both
@ways
async def test_too_many_requests_wait_as_long_as_the_provider_says(bench: Bench, model: str, stream: bool) -> None:
    bench.fake(model).behaviour = "rate_limited"
    with pytest.raises(Transient) as caught:
        await bench.ask(model, stream=stream)
    assert (caught.value.code, caught.value.delay_s) == ("model_rate_limited", 7.0)
    assert len(bench.fake(model).requests) == 1, "litellm must not retry by itself"


@pytest.mark.parametrize(
    ("model", "behaviour", "kind", "code"),
    [
        (OPENAI, "rate_limited_plain", Transient, "model_rate_limited"),
        (OPENAI, "out_of_credit", Permanent, "model_out_of_credit"),
        (OPENAI, "error_500", Transient, "model_overloaded"),
        (OPENAI, "error_503", Transient, "model_overloaded"),
        (OPENAI, "bad_key", Permanent, "model_key_refused"),
        (OPENAI, "forbidden", Permanent, "model_key_refused"),
        (OPENAI, "unknown_model", Permanent, "unknown_model"),
        (OPENAI, "too_long", Permanent, "model_context_too_long"),
        (OPENAI, "refused", Permanent, "model_request_refused"),
        (OPENAI, "empty_choices", Transient, "model_bad_answer"),
        (ANTHROPIC, "error_500", Transient, "model_overloaded"),
        (ANTHROPIC, "overloaded", Transient, "model_overloaded"),
        (ANTHROPIC, "bad_key", Permanent, "model_key_refused"),
        (ANTHROPIC, "too_long", Permanent, "model_context_too_long"),
    ],
)
@ways
async def test_a_fault_is_told_in_plain_words_without_the_key(
    bench: Bench, caplog: pytest.LogCaptureFixture, model: str, behaviour: str, kind: type[NodeFailed], code: str, stream: bool
) -> None:
    bench.fake(model).behaviour = behaviour
    with caplog.at_level(logging.DEBUG), pytest.raises(kind) as caught:
        await bench.ask(model, stream=stream)
    assert caught.value.code == code
    assert caught.value.message.count(".") >= 1
    assert "Exception" not in caught.value.message
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert CANARY not in caplog.text


@both
@pytest.mark.parametrize(("behaviour", "stream"), [("slow_start", False), ("slow_start", True), ("slow_middle", True)])
async def test_a_timeout_before_and_after_the_first_token_is_transient_and_hangs_up(
    bench: Bench, model: str, behaviour: str, stream: bool
) -> None:
    bench.fake(model).behaviour = behaviour
    with pytest.raises(Transient) as caught:
        await bench.ask(model, stream=stream, timeout_s=0.4)
    assert caught.value.code in ("model_timeout", "model_interrupted")
    await asyncio.to_thread(until, lambda: bench.fake(model).hang_ups, what="the connection to the provider was closed")


@both
@pytest.mark.parametrize(("behaviour", "stream"), [("cut", True), ("ends_early", True)])
async def test_a_cut_stream_is_never_taken_for_an_answer(bench: Bench, model: str, behaviour: str, stream: bool) -> None:
    bench.fake(model).behaviour = behaviour
    with pytest.raises(Transient) as caught:
        await bench.ask(model, stream=stream)
    assert caught.value.code == "model_interrupted"


@pytest.mark.parametrize(("behaviour", "stream"), [("cut", False), ("garbage", False), ("garbage", True), ("error_in_stream", True)])
async def test_a_malformed_answer_is_transient(bench: Bench, behaviour: str, stream: bool) -> None:
    bench.openai.behaviour = behaviour
    with pytest.raises(Transient):
        await bench.ask(OPENAI, stream=stream)


@ways
async def test_missing_usage_is_estimated_and_says_so(bench: Bench, stream: bool) -> None:
    bench.openai.behaviour = "no_usage"
    reply, _ = await bench.ask(OPENAI, stream=stream)
    assert reply.usage.is_estimated
    assert reply.usage.input_tokens > 3
    assert 3 < reply.usage.output_tokens < 20


@ways
async def test_an_answer_cut_by_the_token_limit_says_so(bench: Bench, stream: bool) -> None:
    bench.openai.behaviour = "cut_by_limit"
    assert (await bench.ask(OPENAI, stream=stream))[0].finish_reason == "length"


@ways
async def test_a_ten_megabyte_answer_is_refused(bench: Bench, stream: bool) -> None:
    bench.openai.behaviour = "huge"
    with pytest.raises(Permanent) as caught:
        await bench.ask(OPENAI, stream=stream)
    assert caught.value.code == "model_answer_too_long"


async def test_cancelling_between_tokens_closes_the_connection(bench: Bench) -> None:
    bench.openai.behaviour = "slow_middle"
    has_begun = asyncio.Event()
    request = ModelRequest(OPENAI, (Message("user", "Hello?"),), timeout_s=30)
    task = asyncio.create_task(bench.model.complete(request, on_text=lambda _: has_begun.set()))
    await has_begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(until, lambda: bench.openai.hang_ups == 1, what="the connection to the provider was closed")


async def test_nobody_listening_means_no_stream(bench: Bench) -> None:
    await bench.ask(OPENAI)
    assert not bench.openai.requests[-1].get("stream")


@pytest.mark.parametrize(
    "model",
    [
        "huggingface/x",
        "custom_openai/x",
        "gpt-4.1-mini",
        "openai/",
        "openai/none",
        "bedrock/x",
        "",
        "openai-compatible/a?b=c",
        "sagemaker/x",
    ],
)
async def test_a_model_outside_the_catalogue_reaches_no_library(bench: Bench, model: str) -> None:
    with pytest.raises(Permanent) as caught:
        await bench.ask(model)
    assert caught.value.code == "unknown_model"
    assert not bench.openai.requests


async def test_without_a_key_the_message_names_the_variable() -> None:
    with pytest.raises(Permanent, match="OPENAI_API_KEY") as caught:
        await build(settings_for()).complete(ModelRequest(OPENAI, (Message("user", "hi"),)))
    assert caught.value.code == "model_key_missing"


async def test_many_calls_run_side_by_side(bench: Bench) -> None:
    bench.openai.delay_s = 0.3
    started = asyncio.get_running_loop().time()
    replies = await asyncio.gather(*(bench.ask(OPENAI) for _ in range(30)))
    bench.openai.delay_s = 0.0
    assert len(replies) == 30
    assert asyncio.get_running_loop().time() - started < 9  # one after the other they would take 9 s
