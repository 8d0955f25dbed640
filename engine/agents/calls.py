"""One model call that is paid for once: answered from the journal after a crash, with fallback models, streamed to whoever watches."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace

from engine.agents.turn import Emit, Memory
from engine.errors import Held, Transient
from engine.json import JsonObject, clean_text
from engine.ports import EstimatesUsage, LanguageModel, Message, ModelReply, ModelRequest, ToolCall, Usage

MAX_TOLD = 30  # messages of a request that the journal keeps
MAX_CHARS = 20_000  # of each

MAX_PARTIAL = 200_000


async def ask(
    request: ModelRequest, *, models: LanguageModel, fallbacks: Sequence[str], memory: Memory, emit: Emit | None, call: int, told: int = 0
) -> ModelReply:
    """The reply to the step's `call`-th request (from 0), whose first `told` messages the journal knows from earlier calls.

    Raises what the last model raised when all of them failed.
    """
    key = f"model:{call}"
    known = memory.recall(key)
    if known is not None:
        return _restore(known)
    await memory.checkpoint()
    began = time.monotonic()
    heard = _Heard(request.model)
    try:
        reply, passed = await _first_that_answers(request, models, fallbacks, emit, heard)
    except BaseException:  # a person's stop too: what was said so far outlives whoever watched, and was paid for
        if heard.words:
            ms = (time.monotonic() - began) * 1000
            memory.record(f"partial:{call}", {**_broken_off(request, models, heard, call, ms), "request": _asked(request, told)})
        raise
    fact = _fact(reply, call, (time.monotonic() - began) * 1000)
    if passed:
        fact["passed"] = passed
    if request.agent:
        fact["agent"] = request.agent
    memory.record(key, {**fact, "request": _asked(request, told)})
    return reply


@dataclass(slots=True)
class _Heard:
    """What the model that is asked has streamed so far."""

    model: str
    words: list[str] = field(default_factory=list[str])


def _broken_off(request: ModelRequest, models: LanguageModel, heard: _Heard, call: int, ms: float) -> JsonObject:
    """The fact of a call that ended in the middle of its answer; its usage is an estimate, where the models can tell one."""
    said = clean_text("".join(heard.words))
    fact: JsonObject = {"type": "partial", "call": call, "model": heard.model, "text": said[:MAX_PARTIAL], "ms": round(ms, 3)}
    if request.agent:
        fact["agent"] = request.agent
    if isinstance(models, EstimatesUsage):
        fact["usage"] = asdict(models.estimate_usage(replace(request, model=heard.model), said))
    return fact


async def _first_that_answers(
    request: ModelRequest, models: LanguageModel, fallbacks: Sequence[str], emit: Emit | None, heard: _Heard
) -> tuple[ModelReply, list[JsonObject]]:
    """Ask one model after the other; `heard` gathers what the one that is asked streams. Also tells which did not answer, and why.

    When every model only has to be waited for, raises the Held that is over first.
    """
    names = list(dict.fromkeys((request.model, *fallbacks)))
    passed: list[JsonObject] = []
    waits: list[Held] = []
    failure: Transient | None = None

    def on_text(delta: str) -> None:
        heard.words.append(delta)
        if emit is not None:
            emit("text", {"delta": delta})

    for name in names:
        heard.model = name
        try:
            reply = await models.complete(replace(request, model=name), on_text=None if emit is None else on_text)
            return _tidy(reply, name), passed
        except Held as wait:
            if not wait.is_of_model:
                raise
            waits.append(wait)
            passed.append({"model": name, "code": wait.reason, "message": wait.message})
        except Transient as error:
            failure = error
            passed.append({"model": name, "code": error.code, "message": error.message})
            if name != names[-1]:
                _forget(heard, emit)
    raise failure or min(waits, key=lambda wait: (wait.until is None, wait.until))


def _forget(heard: _Heard, emit: Emit | None) -> None:
    """What a model said before it failed does not count."""
    if heard.words and emit is not None:
        emit("reset", {})
    heard.words.clear()


def _tidy(reply: ModelReply, asked: str) -> ModelReply:
    """The reply with storable texts, its model named and the call counted."""
    tool_calls = tuple(ToolCall(clean_text(call.id), clean_text(call.name), clean_text(call.arguments)) for call in reply.tool_calls)
    usage = replace(reply.usage, calls=max(1, reply.usage.calls))
    return replace(reply, text=clean_text(reply.text), tool_calls=tool_calls, usage=usage, model=reply.model or asked)


def _fact(reply: ModelReply, call: int, ms: float) -> JsonObject:
    body: JsonObject = {
        "text": reply.text,
        "tool_calls": [asdict(tool_call) for tool_call in reply.tool_calls],
        "finish_reason": reply.finish_reason,
    }
    usage = asdict(reply.usage)
    fact: JsonObject = {"type": "model_call", "call": call, "model": reply.model, "usage": usage, "reply": body, "ms": round(ms, 3)}
    return {**fact, "hold": reply.hold} if reply.hold else fact


def _asked(request: ModelRequest, told: int) -> JsonObject:
    """What the model was told that the journal does not say yet, for the trace; it is never sent again from here."""
    fresh = request.messages[told:]
    shown = [*fresh[:1], *fresh[1:][1 - MAX_TOLD :]]
    asked: JsonObject = {"model": request.model, "messages": [_shown(message) for message in shown]}
    if len(fresh) > len(shown):
        asked["left_out"] = len(fresh) - len(shown)
    if request.tools:
        asked["tools"] = [tool.name for tool in request.tools]
    if request.temperature is not None:
        asked["temperature"] = request.temperature
    return asked


def _shown(message: Message) -> JsonObject:
    text = message.content
    cut = f"{text[:MAX_CHARS]}\n[cut: {len(text):,} characters]" if len(text) > MAX_CHARS else text
    shown: JsonObject = {"role": message.role, "content": cut}
    if message.tool_calls:
        shown["tool_calls"] = [asdict(tool_call) for tool_call in message.tool_calls]
    return {**shown, "name": message.name} if message.name else shown


def _restore(fact: JsonObject) -> ModelReply:
    body = fact["reply"]
    tool_calls = tuple(ToolCall(**tool_call) for tool_call in body["tool_calls"])
    return ModelReply(body["text"], tool_calls, Usage(**fact["usage"]), body["finish_reason"], fact["model"])
