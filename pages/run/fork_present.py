"""What the fork dialog shows: the question it puts, the value to write anew, and what a fork would keep."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.errors import Invalid
from app.views.forks import ForkPreview
from components.forms.answers import AnswerField, answer_fields
from engine.json import JsonObject, JsonValue
from pages.run.present import Labels

_SHOWN = 8
_TITLES = {
    "given": ("Run again with other inputs", "A new run of the same version. This run stays as it is."),
    "failed": ("Try again from what failed", "A new run that keeps what was done and does the rest. This run stays as it is."),
    "from": ("Run again from “{}”", "A new run that keeps what stands before this step. This run stays as it is."),
    "output": ("Change what “{}” gave and go on", "What follows this step runs again with your value. This run stays as it is."),
    "inputs": (
        "Change what “{}” was given and go on",
        "The step runs again with your values, and what follows it. This run stays as it is.",
    ),
    "moment": ("Continue from this moment", "A new run that begins as things stood after journal entry {}. This run stays as it is."),
}


@dataclass(frozen=True)
class ForkAsk:
    """What is asked: `how` as in _TITLES, the step or the moment, and whether the value is plain text."""

    run_id: str = ""
    how: str = ""
    node: str = ""
    iteration: str = ""
    seq: int = 0
    title: str = ""
    help: str = ""
    is_plain: bool = False
    has_value: bool = False


@dataclass(frozen=True)
class ForkItem:
    """What a fork would do, in words; all empty while it cannot be told."""

    kept: str = ""
    again: str = ""
    dropped: list[str] = field(default_factory=list[str])
    changed: str = ""
    is_dry: bool = False


def ask_of(how: str, key: str, run_id: str, labels: Labels) -> ForkAsk:
    """The question for a kind of fork; anything unknown is asked as "from"."""
    how = how if how in _TITLES else "from"
    node, _, iteration = key.partition("@")
    seq = int(key) if how == "moment" and key.isdecimal() and len(key) < 10 else 0
    title, words = _TITLES[how]
    label = labels.labels.get(node, node)
    place = ("", "") if how == "moment" else (node, iteration)
    return ForkAsk(run_id, how, place[0], place[1], seq, title.format(label), words.format(seq))


def as_written(asked: ForkAsk, value: JsonValue) -> tuple[ForkAsk, str]:
    """The value as it stands in the text field: a text as it is, everything else as JSON."""
    is_plain = isinstance(value, str)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
    return replace(asked, is_plain=is_plain, has_value=True), text


def read_written(text: str, is_plain: bool) -> JsonValue:
    """The value a person wrote; raises Invalid with the place of the mistake."""
    if is_plain:
        return text

    def refuse(name: str) -> Any:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        message = f"This is not valid JSON{place}."
        raise Invalid(message, fields={"value": message}) from error


def start_fields(workflow: JsonObject, inputs: JsonObject) -> tuple[str, list[AnswerField]]:
    """The start step's id and its fields, filled with what the run was given."""
    nodes: list[JsonObject] = workflow.get("nodes") or []
    found: list[JsonObject] = [node for node in nodes if node["kind"] == "start" and not node.get("parent")]
    start: JsonObject = found[0] if found else {"id": "start"}
    raw: list[JsonObject] = (start.get("config") or {}).get("fields") or []
    return start["id"], answer_fields([{**one, "value": inputs.get(one.get("name", ""))} for one in raw])


def fork_item(preview: ForkPreview) -> ForkItem:
    """Present what a fork would keep and do."""
    kept = len(preview.kept)
    again = [preview.labels.get(node, node) for node in preview.again]
    shown = ", ".join(again[:_SHOWN]) + (f" and {len(again) - _SHOWN} more" if len(again) > _SHOWN else "")
    return ForkItem(
        kept=f"{kept} {'step is' if kept == 1 else 'steps are'} kept and not paid for again." if kept else "No step is kept.",
        again=f"Runs again: {shown}." if again else "Nothing is left to run.",
        dropped=[f"{one.label}: {one.reason}" for one in preview.dropped],
        changed=f"Kept although their settings have changed since: {', '.join(preview.changed)}." if preview.changed else "",
        is_dry=preview.is_dry,
    )
