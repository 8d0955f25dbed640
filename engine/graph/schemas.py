"""Following a path through a JSON Schema: what stands there, or in plain words why nothing can."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.expressions.analysis import Segment
from engine.json import JsonSchema, JsonValue

UNKNOWN: JsonSchema = {}
MAX_OPTIONS = 40
ERROR_SCHEMA: JsonSchema = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "node": {"type": "string"},
        "field": {"type": ["string", "null"]},
        "details": {"type": "object"},
    },
    "additionalProperties": False,
}
_SHORTCUTS = frozenset({"size", "first", "last"})
_WORDS = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true/false",
    "array": "a list",
    "object": "an object",
    "null": "nothing",
}


@dataclass(frozen=True, slots=True)
class Step:
    """The end of a walk: the schema there (`{}` if nothing is known), or `missing`, the first part that leads nowhere."""

    schema: JsonSchema
    missing: Segment = None
    failed_at: int = -1
    holder: JsonSchema = field(default_factory=dict)

    @property
    def is_missing(self) -> bool:
        """Whether the path leads nowhere."""
        return self.failed_at >= 0


def follow(schema: JsonSchema, path: Iterable[Segment]) -> Step:
    """Walk along the path; alternatives are all tried, unknown parts allow everything."""
    current = _expand(schema, schema)
    for index, segment in enumerate(path):
        found = [leaf for option in current for inner in _step(option, segment) for leaf in _expand(inner, schema)]
        if not found:
            return Step(UNKNOWN, segment, index, union(current))
        current = found[:MAX_OPTIONS]
    return Step(union(current))


def types_of(schema: JsonSchema) -> frozenset[str]:
    """The JSON types a schema allows; empty means that anything is possible."""
    found: set[str] = set()
    for option in _expand(schema, schema):
        declared = option.get("type")
        if isinstance(declared, str):
            found.add(declared)
        elif isinstance(declared, list):
            found.update(str(item) for item in declared)
        elif "properties" in option:
            found.add("object")
        elif "items" in option:
            found.add("array")
        elif isinstance(option.get("enum"), list) or "const" in option:
            found.update(type_of(value) for value in option.get("enum", [option.get("const")]))
        else:
            return frozenset()
    return frozenset(found)


def describe(schema: JsonSchema) -> str:
    """The types in words."""
    return " or ".join(_WORDS.get(name, name) for name in sorted(types_of(schema) - {"null"})) or "nothing"


def field_names(schema: JsonSchema) -> list[str]:
    """The known fields of an object."""
    return [name for option in _expand(schema, schema) for name in option.get("properties", {})]


def type_of(value: JsonValue) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (str, "string"), (int, "integer"), (float, "number"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"


def schema_of_value(value: JsonValue) -> JsonSchema:
    """A schema that describes one example."""
    if isinstance(value, dict):
        properties = {name: schema_of_value(item) for name, item in value.items()}
        return {"type": "object", "properties": properties, "additionalProperties": False}
    if isinstance(value, list):
        return {"type": "array", "items": union([schema_of_value(item) for item in value[:20]])}
    return {"type": type_of(value)}


def _step(option: JsonSchema, segment: Segment) -> list[JsonSchema]:
    kinds = types_of(option)
    if not kinds:
        return [UNKNOWN]
    found: list[JsonSchema] = []
    if "object" in kinds:
        found.extend(_object_step(option, segment))
    if "array" in kinds:
        found.extend(_array_step(option, segment))
    if "string" in kinds and segment == "size":
        found.append({"type": "integer"})
    return found


def _object_step(option: JsonSchema, segment: Segment) -> list[JsonSchema]:
    if segment is None:
        return [UNKNOWN]
    properties: dict[str, Any] = option.get("properties", {})
    name = str(segment)
    if name in properties:
        inner = properties[name]
        return [inner if isinstance(inner, dict) else UNKNOWN]
    extra = option.get("additionalProperties")
    if isinstance(extra, dict):
        return [extra]
    if extra is True or (extra is None and not properties) or name in _SHORTCUTS or option.get("patternProperties"):
        return [UNKNOWN]
    return []


def _array_step(option: JsonSchema, segment: Segment) -> list[JsonSchema]:
    if segment == "size":
        return [{"type": "integer"}]
    if isinstance(segment, str) and segment not in _SHORTCUTS:
        return []
    items = option.get("items")
    return [items if isinstance(items, dict) else UNKNOWN]


def _expand(schema: Any, root: JsonSchema) -> list[JsonSchema]:
    """The alternatives of a schema with local references followed; a schema may refer to itself, so depth is limited."""
    flat: list[JsonSchema] = []
    stack: list[tuple[Any, int]] = [(schema, 0)]
    while stack and len(flat) < MAX_OPTIONS:
        item, depth = stack.pop()
        if not isinstance(item, dict) or "allOf" in item or depth > 8:
            flat.append(UNKNOWN)
        elif isinstance(item.get("$ref"), str):
            stack.append((_target(item["$ref"], root), depth + 1))
        elif isinstance(inner := item.get("anyOf") or item.get("oneOf"), list):
            stack.extend((option, depth + 1) for option in reversed(inner))
        else:
            flat.append(item)
    return flat


def _target(reference: str, root: JsonSchema) -> Any:
    target: Any = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        target = target.get(part) if isinstance(target, dict) else None
    return target


def union(schemas: list[JsonSchema]) -> JsonSchema:
    """Any of these."""
    if not schemas:
        return UNKNOWN
    distinct: list[JsonSchema] = []
    for schema in schemas:
        if schema not in distinct:
            distinct.append(schema)
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
