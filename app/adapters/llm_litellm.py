"""Language models of real providers through litellm (engine.ports.LanguageModel); the only importer of litellm, loaded by workers alone.

Keys and base URLs come from the settings at each call; a request cannot name an address, a header or a callback.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.adapters.catalogue import COMPATIBLE, PROVIDER_LABELS
from app.adapters.llm_failures import failure_of, fault_of
from app.adapters.llm_messages import chat_messages, chat_tools, wanted_format
from app.adapters.llm_router import usable_card
from app.core.config import Settings, quiet_litellm
from app.core.ports import ModelCard, ModelCatalogue
from engine.errors import NodeFailed, Permanent, Transient
from engine.ports import NO_USAGE, ModelReply, ModelRequest, ToolCall, Usage

quiet_litellm()

import litellm  # noqa: E402 - its import reads the environment set above
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients  # noqa: E402

MAX_ANSWER_CHARS = 4_000_000
OnText = Callable[[str], None]

litellm.suppress_debug_info = True
litellm.drop_params = True  # a model without temperature gets none
litellm.modify_params = True  # providers that want a user turn or a tools field get one
litellm.callbacks = []
litellm.success_callback = []
litellm.failure_callback = []
for _name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they log requests, and with them prompts and keys


@dataclass(slots=True)
class _Answer:
    """An answer under construction."""

    text: list[str] = field(default_factory=list[str])
    size: int = 0
    calls: dict[int, dict[str, str]] = field(default_factory=dict[int, dict[str, str]])
    finish: str | None = None
    usage: Any = None


class LitellmModel:
    """One per process; holds no state but litellm's own connection pools."""

    def __init__(self, settings: Settings, catalogue: ModelCatalogue) -> None:
        self._keys: Mapping[str, str] = settings.provider_keys
        self._urls: Mapping[str, str] = settings.provider_urls
        self._compatible_url = settings.openai_compatible_url
        self._catalogue = catalogue

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None, key: str = "") -> ModelReply:
        """Raise Transient (429, 5xx, timeout, cut stream) or Permanent (401, 400, unknown model, too long)."""
        card = usable_card(self._catalogue.with_keys({request.model.partition("/")[0]}) if key else self._catalogue, request.model)
        provider = PROVIDER_LABELS.get(card.provider, "The model server")
        arguments, answer = self._arguments(request, card, key or self._key(card.provider)), _Answer()
        keys = (key, *self._keys.values())
        try:
            async with asyncio.timeout(request.timeout_s):
                await (self._stream(arguments, answer, on_text) if on_text else self._whole(arguments, answer))
        except NodeFailed:
            raise
        except TimeoutError as error:
            text = f"{provider} did not finish within {request.timeout_s:g} seconds. Try again, or raise the time limit."
            raise Transient("model_timeout", text) from fault_of(error, keys)
        except Exception as error:  # noqa: BLE001 - litellm raises whatever its providers' libraries raise
            failure = failure_of(error, provider=provider, model=request.model, keys=keys, streamed=answer.size > 0)
            raise failure from fault_of(error, keys)
        return self._reply(request, card, answer=answer, provider=provider)

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """Count what went out and what came in before the line broke: that much is billed, though nobody reports it."""
        card = self._catalogue.card(request.model)
        return self._usage(request, card, answer=_Answer(), text=said) if card else NO_USAGE

    async def aclose(self) -> None:
        """Close litellm's connections."""
        await close_litellm_async_clients()

    def _arguments(self, request: ModelRequest, card: ModelCard, key: str) -> dict[str, Any]:
        schema_format, advice = wanted_format(request, card)
        arguments: dict[str, Any] = {
            "model": _litellm_name(card),
            "messages": chat_messages(request.messages, advice),
            "api_key": key,
            "timeout": request.timeout_s,
            "num_retries": 0,
            "max_retries": 0,
            "_skip_mcp_handler": True,  # without it any call with tools imports mcp, which is not installed
            "temperature": request.temperature,
            "max_tokens": request.max_tokens,
            "tools": chat_tools(request.tools) or None,
            "response_format": schema_format,
        }
        if url := self._compatible_url if card.provider == COMPATIBLE else self._urls.get(card.provider):
            arguments["api_base"] = url
        if request.idempotency_key and card.provider in ("openai", "azure", COMPATIBLE):
            arguments["extra_headers"] = {"Idempotency-Key": request.idempotency_key}
        return {name: value for name, value in arguments.items() if value is not None}

    def _key(self, provider: str) -> str:
        """A local server needs no key, but its client library wants one."""
        return self._keys.get("openai" if provider == COMPATIBLE else provider) or "no-key-needed"

    async def _whole(self, arguments: dict[str, Any], answer: _Answer) -> None:
        response: Any = await litellm.acompletion(**arguments)
        if not response.choices:
            return
        choice = response.choices[0]
        _add_text(answer, choice.message.content or "", None)
        for number, call in enumerate(choice.message.tool_calls or []):
            _add_call(answer, number, call)
        answer.finish = choice.finish_reason or "stop"
        usage = getattr(response, "usage", None)
        answer.usage = usage if usage is not None and usage.total_tokens else None

    async def _stream(self, arguments: dict[str, Any], answer: _Answer, on_text: OnText | None) -> None:
        stream: Any = await litellm.acompletion(**arguments, stream=True, stream_options={"include_usage": True})
        try:
            async for chunk in stream:
                _add_chunk(answer, chunk, on_text)
            # litellm closes every stream with a "stop" of its own; only this tells whether the provider really finished
            answer.finish = stream.received_finish_reason or stream.intermittent_finish_reason
            if not any(getattr(chunk, "usage", None) for chunk in stream.chunks):
                answer.usage = None
        finally:
            await stream.aclose()  # also on cancellation: the provider stops writing, and billing, when the line closes

    def _reply(self, request: ModelRequest, card: ModelCard, *, answer: _Answer, provider: str) -> ModelReply:
        text = "".join(answer.text)
        calls = tuple(ToolCall(call["id"], call["name"], call["arguments"] or "{}") for _, call in sorted(answer.calls.items()))
        if answer.finish is None:
            if text or calls:
                raise Transient("model_interrupted", f"{provider} broke off in the middle of its answer. Try again.")
            raise Transient("model_bad_answer", f"{provider} sent an empty answer. Try again.")
        if answer.finish == "content_filter" and not text:
            raise Permanent("model_content_refused", f"{provider}'s safety filter stopped the answer. Reword the request.")
        usage = self._usage(request, card, answer=answer, text=text)
        return ModelReply(text, calls, usage, "tool_calls" if calls else answer.finish, request.model)

    def _usage(self, request: ModelRequest, card: ModelCard, *, answer: _Answer, text: str) -> Usage:
        name = _litellm_name(card)
        if answer.usage is not None:
            spent = answer.usage
            cost = _cost_micros(name, spent, card)
            return Usage(spent.prompt_tokens or 0, spent.completion_tokens or 0, cost, 1)
        written = text + "".join(call["name"] + call["arguments"] for call in answer.calls.values())
        counted: Any = litellm.Usage(
            prompt_tokens=litellm.token_counter(model=name, messages=chat_messages(request.messages, "")),
            completion_tokens=litellm.token_counter(model=name, text=written) if written else 0,
        )
        return Usage(counted.prompt_tokens, counted.completion_tokens, _cost_micros(name, counted, card), 1, is_estimated=True)


def _litellm_name(card: ModelCard) -> str:
    provider, _, name = card.id.partition("/")
    return f"{ {COMPATIBLE: 'openai', 'ollama': 'ollama_chat'}.get(provider, provider) }/{name}"


def _add_text(answer: _Answer, text: str, on_text: OnText | None) -> None:
    if not text:
        return
    answer.size += len(text)
    if answer.size > MAX_ANSWER_CHARS:
        raise Permanent("model_answer_too_long", f"The answer is longer than {MAX_ANSWER_CHARS // 1_000_000} million characters.")
    answer.text.append(text)
    if on_text is not None:
        on_text(text)


def _add_chunk(answer: _Answer, chunk: Any, on_text: OnText | None) -> None:
    if usage := getattr(chunk, "usage", None):
        answer.usage = usage
    if not chunk.choices:
        return
    delta = chunk.choices[0].delta
    _add_text(answer, delta.content or "", on_text)
    for call in delta.tool_calls or []:
        _add_call(answer, call.index or 0, call)


def _add_call(answer: _Answer, index: int, call: Any) -> None:
    built = answer.calls.setdefault(index, {"id": "", "name": "", "arguments": ""})
    built["id"] = built["id"] or call.id or ""
    built["name"] = built["name"] or call.function.name or ""
    arguments = call.function.arguments
    piece = arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""
    answer.size += len(piece)
    if answer.size > MAX_ANSWER_CHARS:
        raise Permanent("model_answer_too_long", "The arguments of a tool call are too long.")
    built["arguments"] += piece


def _cost_micros(name: str, usage: Any, card: ModelCard) -> int:
    """From litellm's price map (which knows cached tokens), else from the catalogue's prices; rounded up to a micro."""
    bare = name.split("/", 1)[1]
    if name in litellm.model_cost or bare in litellm.model_cost:
        parts = litellm.cost_per_token(model=name, usage_object=usage)
        return round(sum(parts) * 1_000_000)
    tokens = (usage.prompt_tokens or 0) * card.input_micros_per_1k + (usage.completion_tokens or 0) * card.output_micros_per_1k
    return -(-tokens // 1000)
