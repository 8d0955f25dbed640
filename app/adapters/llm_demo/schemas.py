"""JSON Schema for the demo models: references and alternatives resolved, values moved inside their limits, the plainest valid value."""

import re
from typing import Any

from app.adapters.llm_demo.language import clip
from app.adapters.llm_demo.patterns import sample
from engine.json import JsonSchema

MAX_DEPTH = 12
MOST_ITEMS = 1000
MOST_LETTERS = 100_000  # no answer of these models is longer, whatever a schema asks for
_FALLBACKS = {
    "email": "unknown@example.com",
    "idn-email": "unknown@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "date": "1970-01-01",
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "hostname": "example.com",
}


def resolve(schema: Any, root: JsonSchema) -> JsonSchema:
    """Follow local references and pick the first real alternative."""
    for _ in range(20):
        if not isinstance(schema, dict):
            return {}
        if isinstance(ref := schema.get("$ref"), str) and ref.startswith("#"):
            target: Any = root
            for part in ref.lstrip("#/").split("/") if ref != "#" else ():
                target = target.get(part, {}) if isinstance(target, dict) else {}
            schema = target
        elif choices := [one for one in schema.get("anyOf") or schema.get("oneOf") or [] if isinstance(one, dict)]:
            rest = {name: value for name, value in schema.items() if name not in ("anyOf", "oneOf")}
            schema = {**rest, **next((one for one in choices if one.get("type") != "null"), choices[0])}
        elif parts := schema.get("allOf"):
            schema = _merged({name: value for name, value in schema.items() if name != "allOf"}, [resolve(one, root) for one in parts])
        else:
            return schema
    return {}


def _merged(base: JsonSchema, parts: list[JsonSchema]) -> JsonSchema:
    merged: JsonSchema = dict(base)
    for part in parts:
        properties: JsonSchema = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", []), *part.get("required", [])]
        merged = {**merged, **part} | ({"properties": properties} if properties else {}) | ({"required": required} if required else {})
    return merged


def kind_of(schema: JsonSchema) -> str:
    """The type to produce; the first one that is not null where several are allowed."""
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((one for one in kind if one != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema or "required" in schema else "array" if "items" in schema else "string"


def first_enum(schema: Any, root: JsonSchema) -> list[Any]:
    """The values of the first choice among the fields, for the confidence and reason beside it."""
    for part in resolve(schema, root).get("properties", {}).values():
        if values := resolve(part, root).get("enum"):
            return list(values)
    return []


def fit_number(value: float, schema: JsonSchema, *, whole: bool) -> float | int:
    """Move a number inside the schema's limits."""
    step = schema.get("multipleOf")
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    gap = step or (1 if whole else 0.001)
    if low is not None and (value < low or (value == low and "exclusiveMinimum" in schema)):
        value = low + (gap if "exclusiveMinimum" in schema else 0)
    if high is not None and (value > high or (value == high and "exclusiveMaximum" in schema)):
        value = high - (gap if "exclusiveMaximum" in schema else 0)
    if step:
        value = round(value / step) * step
    return round(value) if whole else value


def fit_text(value: str, schema: JsonSchema) -> str:
    """Make a string fit pattern, format and length."""
    pattern = schema.get("pattern")
    if pattern and not re.search(pattern, value):
        found = re.search(pattern.strip("^$"), value)
        return found[0] if found and re.search(pattern, found[0]) else sample(pattern)
    if not value:
        value = _FALLBACKS.get(schema.get("format", ""), "")
    if len(value) > (most := schema.get("maxLength", len(value))):
        value = clip(value, most) if most > 1 else value[:most]
    return value + "-" * (int(min(schema.get("minLength", 0), MOST_LETTERS)) - len(value))


def plainest(schema: Any, root: JsonSchema, *, depth: int = 0, turn: int = 0) -> Any:
    """The smallest value that fits; `turn` makes the items of a list differ."""
    schema = resolve(schema, root)
    if "const" in schema or "default" in schema:
        return schema.get("const", schema.get("default"))
    if values := schema.get("enum"):
        return values[turn % len(values)]
    kind = kind_of(schema)
    if kind == "object" and depth <= MAX_DEPTH:
        properties = schema.get("properties", {})
        return {name: plainest(properties.get(name, {}), root, depth=depth + 1) for name in schema.get("required", [])}
    if kind == "array" and depth <= MAX_DEPTH:
        count = int(min(schema.get("minItems", 0), MOST_ITEMS))
        return [plainest(schema.get("items", {}), root, depth=depth + 1, turn=number) for number in range(count)]
    if kind in ("number", "integer"):
        return fit_number(turn, schema, whole=kind == "integer")
    simple: dict[str, Any] = {"object": {}, "array": [], "boolean": False, "null": None}
    return simple[kind] if kind in simple else fit_text(f"item {turn + 1}" if turn else "", schema)
