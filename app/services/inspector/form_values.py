"""Values of a node's config as texts in the inspector, and texts back as values; one plain message for what does not fit."""

import json
import re
from typing import Any

from app.core.errors import Invalid
from engine.json import JsonValue
from engine.nodes.forms import FormField

_UNITS = {"d": 86_400, "day": 86_400, "days": 86_400, "h": 3600, "m": 60, "min": 60, "s": 1, "": 1}
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(days|day|d|h|min|m|s|)\s*", re.IGNORECASE)
_JSON_WORDS = ("true", "false", "null")


def text_of(field: FormField, value: JsonValue) -> str:
    """How a value stands in its field."""
    if value is None:
        return ""
    if field.widget == "duration" and isinstance(value, int | float):
        return span_text(float(value))
    if field.widget == "lines" and isinstance(value, list):
        return "\n".join(str(item) for item in value)
    if field.widget == "number" and isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str):
        needs_quotes = field.widget == "json" or (field.widget in ("value", "late_value") and _is_json_word(value))
        return json.dumps(value, ensure_ascii=False) if needs_quotes else value
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)


def value_of(field: FormField, text: str) -> JsonValue:
    """The value a text stands for; raises Invalid that names the field."""
    reader = _READERS.get(field.widget)
    return reader(field, text) if reader else text


def span_text(seconds: float) -> str:
    """Return "1 d 2 h", "90 s" and so on, readable and readable back."""
    parts: list[str] = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        whole, seconds = divmod(seconds, size)
        if whole:
            parts.append(f"{whole:.0f} {unit}")
    if seconds or not parts:
        parts.append(f"{seconds:g} s")
    return " ".join(parts)


def _refuse(field: FormField, problem: str) -> Invalid:
    return Invalid(f"{field.label}: {problem}", fields={field.name: problem})


def _number(field: FormField, text: str) -> JsonValue:
    if not text.strip():
        return field.default
    try:
        number: float = float(text)
    except ValueError:
        raise _refuse(field, "Write a number, such as 5.") from None
    if number != number or number in (float("inf"), float("-inf")):
        raise _refuse(field, "Write a finite number.")
    if (field.low is not None and number < field.low) or (field.high is not None and number > field.high):
        raise _refuse(field, _range_words(field))
    return int(number) if number.is_integer() and not isinstance(field.default, float) else number


def _range_words(field: FormField) -> str:
    if field.low is None:
        return f"At most {field.high:g}."
    return f"From {field.low:g} to {field.high:g}." if field.high is not None else f"At least {field.low:g}."


def _duration(field: FormField, text: str) -> JsonValue:
    if not text.strip():
        return None
    seconds, place = 0.0, 0
    while place < len(text):
        found = _SPAN.match(text, place)
        if found is None or found.end() == place:
            raise _refuse(field, "Write a duration such as 30 s, 5 min, 2 h or 1 d.")
        seconds += float(found[1]) * _UNITS[found[2].lower()]
        place = found.end()
    if field.high is not None and seconds > field.high:
        raise _refuse(field, f"At most {span_text(field.high)}.")
    return seconds


def _value(_field: FormField, text: str) -> JsonValue:
    """JSON where the text is JSON, else the text itself (with its references)."""
    bare = text.strip()
    if not bare:
        return None
    if (bare[0] in '[{"' and not bare.startswith(("{{", "{%"))) or _is_json_word(bare):
        try:
            return _load(bare)
        except ValueError:
            return text
    return text


def _is_json_word(text: str) -> bool:
    return text in _JSON_WORDS or re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text) is not None


def _json(field: FormField, text: str) -> JsonValue:
    if not text.strip():
        return None
    try:
        return _load(text)
    except json.JSONDecodeError as error:
        raise _refuse(field, f"This is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except ValueError as error:
        raise _refuse(field, str(error)) from None


def _load(text: str) -> JsonValue:
    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not a JSON number.")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise ValueError("This JSON is nested too deeply.") from None


def _lines(_field: FormField, text: str) -> JsonValue:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _toggle(_field: FormField, text: str) -> JsonValue:
    return text == "true"


_READERS = {
    "number": _number,
    "duration": _duration,
    "value": _value,
    "late_value": _value,
    "json": _json,
    "schema": _json,
    "lines": _lines,
    "toggle": _toggle,
}
