"""The demo language model (engine.ports.LanguageModel): deterministic, offline, streams, calls tools, reports usage, fails on request.

Cues for tests and for trying out error handling, anywhere in the system prompt or the last user message: `[[fail:429]]`
(or 500, 401, 400, timeout, cut; `[[fail:500:2]]` fails the first two times), `[[slow:2]]` waits two seconds,
`[[say:text]]` answers exactly so, `[[tool:name {"a": 1}]]` calls a granted tool.
"""

import asyncio
import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from app.adapters.llm_demo.models import DEMO_CARDS
from app.adapters.llm_demo.reading import Situation, read
from app.adapters.llm_demo.tasks import perform
from app.adapters.llm_demo.tool_use import Wish, wishes
from engine.errors import NodeFailed, Permanent, Transient
from engine.ports import ModelReply, ModelRequest, ToolCall, Usage

_FAIL = re.compile(r"\[\[fail:(\w+)(?::(\d{1,3}))?\]\]")
_SLOW = re.compile(r"\[\[slow:(\d{1,2}(?:\.\d+)?)\]\]")
_TOOL = re.compile(r"\[\[tool:([\w-]{1,64})\s{0,9}(\{.{0,1000}?\})?\s{0,9}\]\]", re.DOTALL)
_CUE = re.compile(r"\[\[(?:fail|slow|ok|tool)[^\]]*\]\]")
_PIECE = re.compile(r"\s*\S+\s*?(?=\s|$)|\s+")
_KNOWN = frozenset(card.id for card in DEMO_CARDS)
_REMEMBERED_FAILURES = 1000
MAX_READ = 24_000


class DemoLanguageModel:
    """`tokens_per_s` paces answers; 0 sends them at once. One that nobody watches takes at most `longest_unwatched_s`."""

    def __init__(self, *, tokens_per_s: float = 80.0, first_token_s: float = 0.25, longest_unwatched_s: float = 0.0) -> None:
        self._tokens_per_s = tokens_per_s
        self._first_token_s = first_token_s if tokens_per_s else 0.0
        self._longest_unwatched_s = longest_unwatched_s if tokens_per_s else 0.0
        self._failures: OrderedDict[bytes, int] = OrderedDict()

    async def complete(self, request: ModelRequest, *, on_text: Callable[[str], None] | None = None) -> ModelReply:
        """Raise Transient or Permanent on the cues above; `demo/flaky` always fails as an overloaded provider does."""
        if request.model not in _KNOWN:
            raise Permanent("unknown_model", f"There is no model {request.model[:100]!r}. Choose one from the list.", field="model")
        try:
            async with asyncio.timeout(request.timeout_s):
                return await self._answer(request, on_text)
        except TimeoutError as error:
            text = f"The demo model did not answer within {request.timeout_s:g} seconds. Try again or raise the time limit."
            raise Transient("model_timeout", text) from error

    def estimate_usage(self, request: ModelRequest, said: str) -> Usage:
        """The same count as of a whole answer."""
        return Usage(_input_tokens(request), _tokens(said), calls=1, is_estimated=True)

    async def _answer(self, request: ModelRequest, on_text: Callable[[str], None] | None) -> ModelReply:
        cues = _cues(request)
        if slow := _SLOW.search(cues):
            await asyncio.sleep(float(slow[1]))
        failure = self._failure(request, cues)
        if failure and failure.code != "model_interrupted":
            raise failure
        text, calls = _compose(request, cues)
        text, finish = _limited(text, request.max_tokens)
        if failure:
            text = text[: len(text) // 2]
        if on_text is not None and text:
            await self._stream(text, on_text)
        else:
            await self._think(text, calls)
        if failure:
            raise failure
        usage = Usage(
            input_tokens=_input_tokens(request), output_tokens=_tokens(text) + sum(_tokens(c.arguments) + 4 for c in calls), calls=1
        )
        return ModelReply(text, calls, usage, "tool_calls" if calls else finish, request.model)

    async def _stream(self, text: str, on_text: Callable[[str], None]) -> None:
        await asyncio.sleep(self._first_token_s)
        for piece in _PIECE.findall(text):
            on_text(piece)
            await asyncio.sleep(_tokens(piece) / self._tokens_per_s if self._tokens_per_s else 0)

    async def _think(self, text: str, calls: tuple[ToolCall, ...]) -> None:
        """As long as writing takes, within reason: a person who has just pressed Run wants to see the step at work."""
        if self._longest_unwatched_s:
            written = _tokens(text) + sum(_tokens(call.arguments) for call in calls)
            await asyncio.sleep(min(self._longest_unwatched_s, self._first_token_s + written / self._tokens_per_s))

    def _failure(self, request: ModelRequest, cues: str) -> NodeFailed | None:
        found = _FAIL.search(cues)
        if found is None:
            return _failure_of("503") if request.model == "demo/flaky" and "[[ok]]" not in cues else None
        if found[2]:
            key = hashlib.sha256(repr((request.model, request.messages)).encode("utf-8", "replace")).digest()
            count = self._failures.pop(key, 0) + 1
            self._failures[key] = count
            while len(self._failures) > _REMEMBERED_FAILURES:
                self._failures.popitem(last=False)
            if count > int(found[2]):
                return None
        return _failure_of(found[1])


def _cues(request: ModelRequest) -> str:
    """Only the system prompt and the last user message may hold cues, so that tool results and old turns cannot."""
    last = next((message.content for message in reversed(request.messages) if message.role == "user"), "")
    texts = [*(message.content for message in request.messages if message.role == "system"), last]
    return "\n".join(_shortened(text) for text in texts)


def _failure_of(kind: str) -> NodeFailed:
    if kind == "429":
        return Transient("model_rate_limited", "The demo model was asked to answer as if there were too many requests.", delay_s=1.0)
    if kind == "timeout":
        return Transient("model_timeout", "The demo model was asked to answer as if it took too long.")
    if kind == "cut":
        return Transient("model_interrupted", "The demo model was asked to break off in the middle of its answer.")
    if kind == "401":
        return Permanent("model_key_refused", "The demo model was asked to answer as if the API key were refused.")
    if kind == "400":
        return Permanent("model_request_refused", "The demo model was asked to refuse this request.")
    return Transient("model_overloaded", "The demo model was asked to answer as an overloaded provider does. Try again later.")


def _compose(request: ModelRequest, cues: str) -> tuple[str, tuple[ToolCall, ...]]:
    if (said := _said(cues)) is not None:
        return said, ()
    situation = read(_without_cues(request))
    wanted = _wished(request, cues, situation)
    if wanted:
        return "", tuple(_call(wish, number, request) for number, wish in enumerate(wanted))
    return perform(situation, role=request.model.split("/", 1)[1], schema=request.response_schema), ()


def _said(cues: str) -> str | None:
    """What stands between the first `[[say:` and the `]]` after it."""
    _, mark, rest = cues.partition("[[say:")
    text, end, _ = rest.partition("]]")
    return text if mark and end else None


def _wished(request: ModelRequest, cues: str, situation: Situation) -> list[Wish]:
    granted = {tool.name for tool in request.tools}
    explicit = [(found[1], found[2] or "{}") for found in _TOOL.finditer(cues) if found[1] in granted]
    if situation.answers or not explicit:
        return wishes(situation, request.tools)
    try:
        return [Wish(name, json.loads(arguments)) for name, arguments in explicit]
    except ValueError as error:
        raise Permanent("model_request_refused", "The arguments after [[tool: are not JSON.") from error


def _call(wish: Wish, number: int, request: ModelRequest) -> ToolCall:
    arguments = json.dumps(wish.arguments, ensure_ascii=False)
    seed = f"{number}{wish.name}{arguments}{len(request.messages)}"
    return ToolCall(f"call_{hashlib.sha256(seed.encode('utf-8', 'replace')).hexdigest()[:16]}", wish.name, arguments)


def _without_cues(request: ModelRequest) -> ModelRequest:
    """What the rules read: no cues, and of very long texts the beginning and the end, so that a call stays quick."""
    messages = tuple(replace(one, content=_shortened(_CUE.sub("", one.content))) for one in request.messages)
    return ModelRequest(request.model, messages, tools=request.tools, response_schema=request.response_schema)


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_READ else f"{text[: MAX_READ * 3 // 4]}\n\n{text[-MAX_READ // 4 :]}"


def _limited(text: str, max_tokens: int | None) -> tuple[str, str]:
    if max_tokens is None or _tokens(text) <= max_tokens:
        return text, "stop"
    return text[: max_tokens * 4].rstrip(), "length"


def _tokens(text: str) -> int:
    """About four characters a token, as in English."""
    return -(-len(text) // 4)


def _input_tokens(request: ModelRequest) -> int:
    tools = sum(_tokens(json.dumps(tool.parameters)) + _tokens(tool.description) + 8 for tool in request.tools)
    schema = _tokens(json.dumps(request.response_schema)) if request.response_schema else 0
    return (
        tools + schema + sum(_tokens(one.content) + 4 + sum(_tokens(call.arguments) for call in one.tool_calls) for one in request.messages)
    )
