"""One tool call of a model: arguments checked against the tool's schema, every failure told to the model instead of ending the turn."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from engine.agents.schemas import problems
from engine.agents.turn import Emit, Memory, ToolUse
from engine.errors import Held, NodeFailed, Permanent
from engine.json import JsonObject, JsonValue, clean_text, clean_value
from engine.ports import Message, Tool, ToolCall

log = logging.getLogger(__name__)
TIMEOUT_S = 60.0
MAX_RESULT_CHARS = 50_000


@runtime_checkable
class LongTool(Protocol):
    """A tool that is an agent itself: it has a time limit of its own, and keeps facts under the key of the call."""

    @property
    def timeout_s(self) -> float: ...

    async def call_as(self, arguments: JsonObject, key: str) -> JsonValue: ...


async def call_tool(call: ToolCall, tools: Mapping[str, Tool], *, memory: Memory, emit: Emit | None, key: str) -> ToolUse:
    """Run the tool, or recall its result from before a crash; never raises for what the tool or the model did wrong."""
    known = memory.recall(key)
    if known is not None:
        return ToolUse(call.id, call.name, known["arguments"], known.get("result"), known.get("error"), known["ms"])
    began = time.monotonic()
    if emit is not None:
        emit("tool_call", {"id": call.id, "name": call.name, "arguments": call.arguments})
    arguments: JsonValue = call.arguments
    result: JsonValue = None
    error: str | None = None
    limit = TIMEOUT_S
    try:
        tool = _find(call, tools)
        arguments = _arguments(call, tool)
        is_long = isinstance(tool, LongTool)
        limit = tool.timeout_s if is_long else TIMEOUT_S
        async with asyncio.timeout(limit):
            result = _bounded(await (tool.call_as(arguments, key) if is_long else tool.call(arguments)))
    except Held:
        raise
    except NodeFailed as failure:
        error = clean_text(failure.message)
    except TimeoutError:
        error = f"The tool took longer than {limit:g} seconds."
    except Exception:
        log.exception("tool %s failed unexpectedly", call.name)
        error = "The tool failed unexpectedly. Try another way."
    use = ToolUse(call.id, call.name, arguments, result, error, round((time.monotonic() - began) * 1000, 3))
    memory.record(key, {"type": "tool_result", "id": call.id, **use.as_json(), "ms": use.ms})
    if emit is not None:
        emit("tool_result", {"id": call.id, **use.as_json(), "ms": use.ms})
    return use


def tool_message(use: ToolUse) -> Message:
    """What the model reads of a tool call."""
    if use.error is not None:
        text = json.dumps({"error": use.error}, ensure_ascii=False)
    else:
        text = use.result if isinstance(use.result, str) else json.dumps(use.result, ensure_ascii=False)
    return Message("tool", text, tool_call_id=use.id, name=use.name)


def _find(call: ToolCall, tools: Mapping[str, Tool]) -> Tool:
    tool = tools.get(call.name)
    if tool is None:
        offered = ", ".join(tools) or "none"
        raise Permanent("unknown_tool", f"There is no tool '{call.name[:80]}'. Tools: {offered}.")
    return tool


def _arguments(call: ToolCall, tool: Tool) -> JsonObject:
    try:
        value = clean_value(json.loads(call.arguments or "{}"))
    except (ValueError, RecursionError):
        raise Permanent("bad_arguments", "The arguments are not valid JSON. Call the tool again with a JSON object.") from None
    if not isinstance(value, dict):
        raise Permanent("bad_arguments", "The arguments must be a JSON object.")
    wrong = problems(value, tool.schema.parameters)
    if wrong:
        raise Permanent("bad_arguments", f"The arguments do not fit: {'; '.join(wrong)}")
    return value


def _bounded(result: JsonValue) -> JsonValue:
    """A result as large as a model can use; a longer one becomes a text that says it was cut."""
    result = clean_value(result)
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    if len(text) <= MAX_RESULT_CHARS:
        return result
    return f"{text[:MAX_RESULT_CHARS]}\n[cut: the result has {len(text):,} characters]"
