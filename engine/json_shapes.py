"""The emptiest value of a JSON Schema, for people who write a result by hand; engine.run.written asks."""

from typing import Any

from engine.json import JsonSchema, JsonValue

_DEEPEST = 6
_EMPTY: dict[str, JsonValue] = {"object": {}, "array": [], "string": "", "integer": 0, "number": 0, "boolean": False}


def blank_of(schema: JsonSchema) -> JsonValue:
    """Every field with an empty value of its type: {"status": 0, "body": null}. What has no known type is null."""
    return _blank(schema, schema, _DEEPEST)


def _blank(part: Any, whole: JsonSchema, depth: int) -> JsonValue:
    if not isinstance(part, dict) or depth == 0:
        return None
    for key in ("default", "const"):
        if key in part:
            return part[key]
    if part.get("enum"):
        return part["enum"][0]
    if "$ref" in part:
        return _blank(_target(str(part["$ref"]), whole), whole, depth - 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if part.get(key):
            return _blank(part[key][0], whole, depth - 1)
    fields = part.get("properties")
    if isinstance(fields, dict):
        return {str(name): _blank(field, whole, depth - 1) for name, field in fields.items()}
    kinds = part.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    empty = _EMPTY.get(str(kind))
    return part.get("minimum", empty) if kind in ("integer", "number") else type(empty)() if isinstance(empty, dict | list) else empty


def _target(reference: str, whole: JsonSchema) -> Any:
    found: Any = whole
    for name in reference.removeprefix("#/").split("/"):
        found = found.get(name) if isinstance(found, dict) else None
    return found
