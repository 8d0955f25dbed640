"""One attempt of a step as the trace page shows it."""

import json
from dataclasses import dataclass, field
from typing import Any

from app.views import words
from app.views.trace import AttemptDetail, ModelCall, ToolUseRow
from engine.json import JsonObject
from engine.nodes.registry import code_names, field_titles
from pages.run.present import ENDED, SOURCES, Labels

_ROLES = {"system": "Instructions", "user": "Asked", "assistant": "Answered", "tool": "Tool result"}


@dataclass(frozen=True)
class MessageItem:
    """One message of a model call."""

    role: str
    text: str


@dataclass(frozen=True)
class CallItem:
    """A model call or a tool call."""

    key: str = ""
    is_model: bool = False
    name: str = ""
    figures: str = ""
    messages: list[MessageItem] = field(default_factory=list[MessageItem])
    left_out: str = ""
    answer_title: str = "Answered"
    tools: str = ""
    answer: str = ""
    arguments: Any = None
    result: Any = None
    error: str = ""
    duration: str = ""
    status: str = ""


@dataclass(frozen=True)
class AttemptItem:
    """The chosen attempt; `key` is "" while none is, `call.key` "" where no single call of it was chosen."""

    key: str = ""
    label: str = ""
    part: str = ""
    attempt: int = 1
    status: str = ""
    source: str = ""
    duration: str = ""
    figures: str = ""
    error: str = ""
    inputs: Any = None
    output: Any = None
    input_names: dict[str, str] = field(default_factory=dict[str, str])
    code_names: list[str] = field(default_factory=list[str])
    has_inputs: bool = False
    has_output: bool = False
    is_start: bool = False
    can_fork: bool = False
    printed: str = ""
    calls: list[CallItem] = field(default_factory=list[CallItem])
    hidden_calls: int = 0
    call: CallItem = field(default_factory=CallItem)


def attempt_item(detail: AttemptDetail, labels: Labels) -> AttemptItem:
    """Present one attempt."""
    output: Any = detail.output
    kind = labels.kinds.get(detail.node, "")
    if isinstance(output, dict) and str(output.get("by")) in detail.people:
        output = {**output, "by": detail.people[str(output["by"])]}
    return AttemptItem(
        key=f"{detail.node}@{detail.iteration}",
        label=labels.labels.get(detail.node, detail.node),
        part=f"entry {detail.iteration}" if detail.iteration else "",
        attempt=detail.attempt,
        status=detail.status,
        source=SOURCES.get(detail.source, ""),
        duration=words.duration(detail.ms),
        figures=_used(detail.tokens, detail.cost_micros),
        error=str((detail.error or {}).get("message", "")),
        inputs=detail.inputs,
        output=output,
        input_names=field_titles(kind),
        code_names=code_names(kind),
        has_inputs=bool(detail.inputs),
        has_output=detail.status == "done" or detail.output is not None,
        is_start=kind == "start",
        can_fork=detail.status in ENDED and detail.status != "skipped",
        printed=detail.printed,
        calls=[_call_item(call) for call in detail.calls],
        hidden_calls=detail.hidden_calls,
        call=CallItem() if detail.chosen is None else _call_item(detail.chosen),
    )


def _call_item(call: ModelCall | ToolUseRow) -> CallItem:
    key, duration = str(call.seq), words.duration(call.ms)
    if isinstance(call, ToolUseRow):
        status = "failed" if call.error else "done"
        return CallItem(
            key, False, call.name, arguments=call.arguments, result=call.result, error=call.error, duration=duration, status=status
        )
    tokens = f"{'about ' if call.is_broken_off else ''}{words.count(call.input_tokens)} tokens in, {words.count(call.output_tokens)} out"
    instead = [f"instead of {one.get('model')}: {one.get('message')}" for one in call.passed]
    return CallItem(
        key=key,
        is_model=True,
        name=call.model,
        figures=" · ".join((tokens, words.money(call.cost_micros), *instead)),
        messages=[_message(message) for message in call.messages],
        left_out=f"{call.left_out} messages are not kept." if call.left_out else "",
        tools=", ".join(call.tools),
        answer="\n".join(part for part in (call.text, *map(_asked_for, call.tool_calls)) if part),
        answer_title="Answered, until it broke off" if call.is_broken_off else "Answered",
        error=call.error,
        duration=duration,
        status="failed" if call.error else "cancelled" if call.is_broken_off else "done",
    )


def _used(tokens: int, cost_micros: int) -> str:
    return f"{words.count(tokens)} tokens · {words.money(cost_micros)}" if tokens else ""


def _message(message: JsonObject) -> MessageItem:
    content = message.get("content")
    asked = [_asked_for(call) for call in message.get("tool_calls") or ()]
    text = _as_text(content) if content or not asked else ""
    return MessageItem(_ROLES.get(str(message.get("role")), str(message.get("role"))), "\n".join(part for part in (text, *asked) if part))


def _asked_for(call: JsonObject) -> str:
    return f"Calls {call.get('name')}({_as_text(call.get('arguments'))})"


def _as_text(value: Any) -> str:
    """Texts as they are, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
