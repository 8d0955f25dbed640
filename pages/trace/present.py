"""One attempt of a step as the trace page shows it."""

import json
from dataclasses import dataclass, field
from typing import Any

from app.views import words
from app.views.trace import AttemptDetail, ModelCall, ToolUseRow
from engine.json import JsonObject
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

    key: str
    is_model: bool
    name: str
    figures: str
    messages: list[MessageItem] = field(default_factory=list[MessageItem])
    left_out: str = ""
    answer_title: str = "Answered"
    tools: str = ""
    answer: str = ""
    arguments: Any = None
    result: Any = None
    error: str = ""


@dataclass(frozen=True)
class AttemptItem:
    """The chosen attempt; `key` is "" while none is."""

    key: str = ""
    label: str = ""
    part: str = ""
    attempt: int = 1
    status: str = ""
    source: str = ""
    duration: str = ""
    error: str = ""
    inputs: Any = None
    output: Any = None
    has_inputs: bool = False
    has_output: bool = False
    is_start: bool = False
    can_fork: bool = False
    printed: str = ""
    calls: list[CallItem] = field(default_factory=list[CallItem])
    hidden_calls: int = 0


def attempt_item(detail: AttemptDetail, labels: Labels) -> AttemptItem:
    """Present one attempt."""
    output: Any = detail.output
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
        error=str((detail.error or {}).get("message", "")),
        inputs=detail.inputs,
        output=output,
        has_inputs=bool(detail.inputs),
        has_output=detail.status == "done" or detail.output is not None,
        is_start=labels.kinds.get(detail.node) == "start",
        can_fork=detail.status in ENDED and detail.status != "skipped",
        printed=detail.printed,
        calls=[_call_item(call, index) for index, call in enumerate(detail.calls)],
        hidden_calls=detail.hidden_calls,
    )


def _call_item(call: ModelCall | ToolUseRow, index: int) -> CallItem:
    if isinstance(call, ToolUseRow):
        took = words.duration(call.ms)
        return CallItem(str(index), False, call.name, took, arguments=call.arguments, result=call.result, error=call.error)
    tokens = f"{'about ' if call.is_broken_off else ''}{words.count(call.input_tokens)} in, {words.count(call.output_tokens)} out"
    instead = [f"instead of {one.get('model')}: {one.get('message')}" for one in call.passed]
    figures = " · ".join((words.duration(call.ms), tokens, words.money(call.cost_micros), *instead))
    return CallItem(
        key=str(index),
        is_model=True,
        name=call.model,
        figures=figures,
        messages=[_message(message) for message in call.messages],
        left_out=f"{call.left_out} messages are not kept." if call.left_out else "",
        tools=", ".join(call.tools),
        answer="\n".join(part for part in (call.text, *map(_asked_for, call.tool_calls)) if part),
        answer_title="Answered, until it broke off" if call.is_broken_off else "Answered",
    )


def _message(message: JsonObject) -> MessageItem:
    content = message.get("content")
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    asked = [_asked_for(call) for call in message.get("tool_calls") or ()]
    return MessageItem(_ROLES.get(str(message.get("role")), str(message.get("role"))), "\n".join(part for part in (text, *asked) if part))


def _asked_for(call: JsonObject) -> str:
    return f"Calls {call.get('name')}({call.get('arguments')})"
