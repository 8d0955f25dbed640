"""What a step gave in an earlier run, as names to offer: it fills what the schema of the step leaves open, and nothing else."""

import re
from collections.abc import Mapping

from engine.graph.schemas import schema_of_value, types_of
from engine.json import JsonSchema, JsonValue, as_list, as_object

SEEN = "x-seen"  # marks a schema that is read off a value
MAX_DEPTH = 4
MAX_FIELDS = 40
_NAME = re.compile(r"[A-Za-z_]\w*")  # what a path can say without quotes


def is_open(schema: JsonSchema, depth: int = 0) -> bool:
    """Whether a schema leaves open what stands in some place, so that a value could tell more."""
    kinds = types_of(schema)
    if not kinds:
        return not ({"anyOf", "oneOf", "allOf", "$ref"} & schema.keys())
    fields = as_object(schema.get("properties"))
    if "object" in kinds and not fields:
        return schema.get("additionalProperties") is not False
    if "array" in kinds and not fields:
        return is_open(as_object(schema.get("items")) or {}, depth + 1)
    return depth < MAX_DEPTH and any(is_open(as_object(child) or {}, depth + 1) for child in (fields or {}).values())


def fill(schema: JsonSchema, value: JsonValue, depth: int = 0) -> JsonSchema:
    """The schema with the shape of `value` where it is open."""
    if depth > MAX_DEPTH or not is_open(schema):
        return schema
    if not types_of(schema) or not (schema.get("properties") or schema.get("items")):
        seen = schema_of_value(_sample(value, depth))
        fits = not types_of(schema) or types_of(seen) <= types_of(schema)
        return schema | seen | {SEEN: True} if fits and value is not None else schema
    fields, entries, given = as_object(schema.get("properties")), as_list(value), as_object(value)
    if fields is not None and given is not None:
        return schema | {"properties": {name: _filled(child, given, name, depth) for name, child in fields.items()}}
    if entries and isinstance(schema.get("items"), dict):
        return schema | {"items": fill(schema["items"], entries[0], depth + 1)}
    return schema


def _filled(child: JsonSchema, given: Mapping[str, JsonValue], name: str, depth: int) -> JsonSchema:
    return fill(child, given[name], depth + 1) if name in given else child


def _sample(value: JsonValue, depth: int) -> JsonValue:
    """As much of a value as names can be offered for; of a list, its first entry."""
    entries, fields = as_list(value), as_object(value)
    if entries is not None:
        return [_sample(entries[0], depth + 1)] if entries and depth <= MAX_DEPTH else []
    if fields is not None:
        names = [name for name in fields if _NAME.fullmatch(name)][:MAX_FIELDS] if depth <= MAX_DEPTH else []
        return {name: _sample(fields[name], depth + 1) for name in names}
    return value
