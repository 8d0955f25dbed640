"""Values of a node's config as texts in the inspector; components/canvas/forms.js reads them back."""

import json
import re

from engine.json import JsonValue
from engine.nodes.forms import FormField

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
        needs_quotes = field.widget == "json" or (field.widget in ("value", "late_value", "literal") and _is_json_word(value))
        return json.dumps(value, ensure_ascii=False) if needs_quotes else value
    return json.dumps(value, ensure_ascii=False, indent=2 if isinstance(value, dict | list) else None)


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


def _is_json_word(text: str) -> bool:
    return text in _JSON_WORDS or re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text) is not None
