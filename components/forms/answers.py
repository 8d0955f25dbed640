"""Answers to designed input fields (start form, approval questions): presenting, typing, drawing and keeping them.

Pages keep what is typed as text by field name; `typed_answers` turns it into JSON values with one message per wrong field.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import reflex as rx

from components import ui
from components.scripts import script
from components.ui import Event, Node, Text
from engine.json import JsonObject, JsonValue
from engine.words import as_words

MOST_CHARS = 200_000  # of one answer; a page's message to the server has an end, and one that is too long would be lost without a word
_NUMBERS = ("number", "integer")
_KEPT = script(__name__, "kept_answers.jsx")
script(__name__, "kept.js")  # which it imports


def _texts_spec(texts: rx.Var[dict[str, str]]) -> tuple[rx.Var[dict[str, str]]]:
    return (texts,)


class KeptAnswers(rx.Component):
    """See kept_answers.jsx."""

    library = _KEPT
    tag = "KeptAnswers"

    owner: rx.Var[str]
    place: rx.Var[str]
    on_restore: rx.EventHandler[_texts_spec]


class ForgetAnswers(rx.Component):
    """See kept_answers.jsx."""

    library = _KEPT
    tag = "ForgetAnswers"

    place: rx.Var[str]


def kept_answers(*children: Node, owner: Text, place: Text, on_restore: Event) -> rx.Component:
    """Keep what `owner` types into the `answer_input`s inside, until the answer to `place` is sent.

    `on_restore({name: text})` tells once what came back, {} for nothing; "" names a field with the attribute data-answer="".
    """
    return KeptAnswers.create(*children, owner=owner, place=place, on_restore=on_restore)


def forget_answers(place: Text) -> rx.Component:
    """Drawn where the answer stands: what anybody of this browser typed for `place` is dropped."""
    return ForgetAnswers.create(place=place)


def answered(place: str) -> Any:
    """The same as an event, sent when the answer has been taken."""
    return rx.call_script(f"window.dispatchEvent(new CustomEvent('af:answered', {{detail: {json.dumps(place)}}}));0")


@dataclass(frozen=True)
class AnswerField:
    """One field to fill in; `value` is its starting text."""

    name: str
    title: str
    help: str
    type: str
    value: str
    placeholder: str
    required: bool
    options: list[str] = field(default_factory=list[str])


def answer_fields(raw: Sequence[JsonObject]) -> list[AnswerField]:
    """Present designed fields (engine.nodes.fields.FormField as JSON)."""
    return [_answer_field(item) for item in raw]


def _answer_field(raw: JsonObject) -> AnswerField:
    name = str(raw.get("name", ""))
    kind = str(raw.get("type", "text"))
    value = raw.get("value", raw.get("default"))
    return AnswerField(
        name=name,
        title=str(raw.get("title") or as_words(name)),
        help=_help(kind, str(raw.get("description") or "")),
        type=kind,
        value=as_text(value, kind),
        placeholder=as_text(raw.get("example"), kind),
        required=bool(raw.get("required", True)) and raw.get("default") is None,
        options=[str(option) for option in raw.get("options") or []],
    )


def _help(kind: str, text: str) -> str:
    if kind == "list":
        return f"{text} One item a line.".strip()
    return f'{text} JSON, such as {{"a": 1}}.'.strip() if kind == "json" else text


def as_text(value: JsonValue, kind: str) -> str:
    """Return how a value stands in its field."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "list" and isinstance(value, list):
        return "\n".join(item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2 if kind == "json" else None)


def typed_answers(fields: Sequence[AnswerField], texts: Mapping[str, str], *, must_fill: bool = True) -> tuple[JsonObject, dict[str, str]]:
    """Turn texts into JSON values. Returns the answers and, by field name, what is wrong and how to mend it."""
    answers: JsonObject = {}
    problems: dict[str, str] = {}
    for item in fields:
        text = texts.get(item.name, item.value)
        if text.strip() == "" and item.type != "boolean":
            if item.required and must_fill:
                problems[item.name] = "Fill this in."
            continue
        value, problem = _typed(item, text)
        if problem:
            problems[item.name] = problem
        else:
            answers[item.name] = value
    return answers, problems


def _typed(item: AnswerField, text: str) -> tuple[JsonValue, str]:
    if len(text) > MOST_CHARS:
        return None, f"Use at most {MOST_CHARS:,} characters here. Longer ones come in by the API, or from a file with agent-factory run."
    if item.type in _NUMBERS:
        return _number(item.type, text.strip())
    if item.type == "boolean":
        return text == "true", ""
    if item.type == "list":
        return _list(text)
    if item.type == "json":
        return _json(text)
    return text, ""


def _number(kind: str, text: str) -> tuple[JsonValue, str]:
    try:
        return (int(text), "") if kind == "integer" else (json.loads(str(float(text))), "")
    except ValueError:
        return None, "Write a whole number, such as 12." if kind == "integer" else "Write a number, such as 12.5."


def _list(text: str) -> tuple[JsonValue, str]:
    if text.lstrip().startswith("["):
        value, problem = _json(text)
        return (value, "") if isinstance(value, list) and not problem else (None, "This starts like a JSON list but is not one.")
    return [line.strip() for line in text.splitlines() if line.strip()], ""


def _json(text: str) -> tuple[JsonValue, str]:
    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse), ""
    except RecursionError:
        return None, "This JSON is nested too deeply."
    except ValueError as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return None, f"This is not valid JSON{place}."


def answer_input(item: Any, *, prefix: Any, on_answer: Any, error: ui.Text = "", auto_focus: ui.Flag = False) -> rx.Component:
    """Draw one AnswerField; `on_answer(name, text_or_bool)` is called when it is left or chosen. `prefix` keeps ids apart."""
    name = f"{prefix}-{item.name}"

    def keep(value: Any) -> Any:
        return on_answer(item.name, value)

    def keep_text(value: Any) -> Any:
        return on_answer(item.name, value[: MOST_CHARS + 1])

    wires = {"id": f"field-{name}", "aria_describedby": f"help-{name} error-{name}", "custom_attrs": {"data-answer": item.name}}
    shared: dict[str, Any] = {**wires, "auto_focus": auto_focus}
    text = {**shared, "default_value": item.value, "placeholder": item.placeholder}
    words = {**text, "on_blur": keep_text}
    figures = {**text, "on_blur": keep, "class_name": "af-input"}
    area = rx.el.textarea(rows="5", class_name="af-input af-textarea", **words)
    blank = rx.el.option("Choose…", value="")
    choices = rx.foreach(item.options, lambda option: rx.el.option(option, value=option))
    choice = rx.el.select(blank, choices, default_value=item.value, on_change=keep, class_name="af-input", **shared)
    control = rx.match(
        item.type,
        *((kind, area) for kind in ("long_text", "list", "json")),
        ("choice", choice),
        ("boolean", _switch(item, keep, wires)),
        ("number", rx.el.input(type="number", step="any", **figures)),
        ("integer", rx.el.input(type="number", step="1", **figures)),
        ("date", rx.el.input(type="date", **figures)),
        rx.el.input(type="text", class_name="af-input", **words),
    )
    hint = rx.cond(item.required, "", "optional")
    return ui.field(item.title, control, name=name, help=item.help, error=error, hint=hint)


def _switch(item: Any, keep: Any, wires: Mapping[str, Any]) -> rx.Component:
    return rx.el.input(
        type="checkbox", role="switch", default_checked=item.value == "true", on_change=keep, class_name="af-switch", **wires
    )
