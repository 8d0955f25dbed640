"""`--input name=value` for a workflow on a server: a field of text stays text, all else is what JSON reads."""

import json
from collections.abc import Iterable
from typing import Any

from app.cli.remote import read_text
from app.cli.terminal import wrong

TEXTS = ("text", "long_text", "choice", "date")


def typed_inputs(given: Iterable[str], definition: Any) -> dict[str, Any]:
    """The inputs by name; the types are those of the start form in the workflow's definition."""
    kinds = _kinds(definition)
    inputs: dict[str, Any] = {}
    for one in given:
        name, sign, value = one.partition("=")
        name = name.strip()
        if not sign or not name:
            wrong(f"give name=value, not '{one[:60]}'", option="--input")
        text = read_text(value[1:], "--input") if value.startswith("@") else value
        inputs[name] = text if kinds.get(name) in TEXTS else _read(text)
    return inputs


def _kinds(definition: Any) -> dict[str, str]:
    nodes = definition.get("nodes") if isinstance(definition, dict) else None
    starts = [node for node in nodes or () if isinstance(node, dict) and node.get("kind") == "start"]
    fields = [field for node in starts for field in (node.get("config") or {}).get("fields") or ()]
    return {str(field.get("name")): str(field.get("type", "text")) for field in fields if isinstance(field, dict)}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
