"""Judges the JSON Schema of an agent's structured output: an allow-list of keywords that every provider and the form understand.

Agent checks, blueprint import and the schema builder call it. Patterns are refused because a hostile regular expression
can stall a worker.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import Finding
from engine.json import JsonObject, as_list, as_object

TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
MAX_DEPTH = 8
MAX_FIELDS = 200
MAX_BYTES = 60_000
MAX_LEAST = 100_000
FIELD_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$")

_ANNOTATIONS = frozenset({"title", "description", "default", "examples", "$schema", "format"})
_BOUNDS = frozenset(
    {
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    }
)
_STRUCTURE = frozenset({"type", "properties", "required", "items", "enum", "const", "additionalProperties", "anyOf"})
ALLOWED = _ANNOTATIONS | _BOUNDS | _STRUCTURE
_LENGTHS = ("minLength", "maxLength", "minItems", "maxItems")


@dataclass(frozen=True, slots=True)
class _Place:
    """A sub-schema and where it stands; `path` is a dotted field path that people can read."""

    schema: object
    path: str
    depth: int


def check_output_schema(value: object) -> list[Finding]:
    """Return everything wrong with an output schema; `field` of a finding is the dotted path inside it."""
    schema = as_object(value)
    if schema is None:
        return [_finding("", "The output schema must be a JSON object.")]
    try:
        size = len(json.dumps(schema))
    except (TypeError, ValueError, RecursionError):
        return [_finding("", "The output schema is not plain JSON or is nested too deeply.")]
    if size > MAX_BYTES:
        return [_finding("", f"The output schema is too large: at most {MAX_BYTES // 1000} kB are allowed.")]
    if schema.get("type") != "object":
        remedy = 'Set "type" to "object" and list its fields under "properties".'
        return [_finding("", "The output schema must describe an object.", remedy)]
    findings: list[Finding] = []
    fields = 0
    for place in _walk(schema):
        if place.depth > MAX_DEPTH:
            findings.append(_finding(place.path, f"Fields are nested more than {MAX_DEPTH} levels deep.", "Flatten the structure."))
            break
        findings.extend(_judge(place))
        fields += len(_properties(as_object(place.schema) or {}))
    if fields > MAX_FIELDS:
        findings.append(_finding("", f"The output has {fields} fields; at most {MAX_FIELDS} are allowed."))
    if not findings and _least(schema) > MAX_LEAST:
        remedy = 'Lower "minItems" or "minLength".'
        findings.append(_finding("", f"The shortest answer that fits has more than {MAX_LEAST:,} letters and items.", remedy))
    if not fields and not findings:
        findings.append(_finding("", "The output has no fields yet.", "Add at least one field, or switch structured output off."))
    return findings


def _least(value: object) -> float:
    """Letters and items of the smallest value that fits; call it on schemas without other findings."""
    schema = as_object(value) or {}
    if options := as_list(schema.get("anyOf")):
        return min(_least(option) for option in options)
    if "enum" in schema or "const" in schema:
        return 1
    required = {str(name) for name in as_list(schema.get("required")) or ()}
    parts = sum(_least(child) for name, child in _properties(schema).items() if name in required)
    items = float(schema.get("minItems", 0)) * _least(schema["items"]) if "items" in schema else 0
    return 1 + parts + float(schema.get("minLength", 0)) + items


def _finding(path: str, message: str, remedy: str = "") -> Finding:
    return Finding(code="output_schema", message=message, remedy=remedy, field=path or None)


def _properties(schema: JsonObject) -> JsonObject:
    return as_object(schema.get("properties")) or {}


def _walk(schema: object) -> Iterator[_Place]:
    """Yield every sub-schema once, outermost first, and stop descending one level past the limit."""
    waiting = [_Place(schema, "", 0)]
    while waiting:
        place = waiting.pop(0)
        yield place
        here = as_object(place.schema)
        if here is None or place.depth > MAX_DEPTH:
            continue
        for name, child in _properties(here).items():
            waiting.append(_Place(child, f"{place.path}.{name}" if place.path else str(name), place.depth + 1))
        if "items" in here:
            waiting.append(_Place(here["items"], f"{place.path}[]", place.depth + 1))
        waiting.extend(_Place(option, place.path, place.depth + 1) for option in as_list(here.get("anyOf")) or ())


def _judge(place: _Place) -> list[Finding]:
    schema = as_object(place.schema)
    if schema is None:
        return [_finding(place.path, "A field must be described by a JSON object.")]
    checks = (_unknown_keywords, _type_problem, _properties_problem, _required_problem, _enum_problem, _bounds_problem)
    problems = [check(schema) for check in checks]
    return [_finding(place.path, message) for message in problems if message]


def _unknown_keywords(schema: JsonObject) -> str:
    unknown = sorted(str(key) for key in schema if key not in ALLOWED)
    if not unknown:
        return ""
    if "pattern" in unknown:
        return "Patterns are not supported: list the allowed values under enum, or say in the description what it must look like."
    named = ", ".join(repr(key[:40]) for key in unknown[:3])
    return f"Unknown schema keyword {named}. Allowed are {', '.join(sorted(_STRUCTURE))}, titles, descriptions and bounds."


def _type_problem(schema: JsonObject) -> str:
    kind = schema.get("type")
    if kind is None:
        return "" if {"enum", "const", "anyOf"} & schema.keys() else 'A "type" is missing.'
    kinds = as_list(kind) or [kind]
    if not kinds or any(not isinstance(one, str) or one not in TYPES for one in kinds):
        return f'"type" must be one of {", ".join(TYPES)}.'
    if "array" in kinds and "items" not in schema:
        return 'A list needs "items" that say what it contains.'
    return ""


def _properties_problem(schema: JsonObject) -> str:
    if "properties" not in schema:
        return ""
    properties = as_object(schema["properties"])
    if properties is None:
        return '"properties" must map field names to their schemas.'
    for name in properties:
        if not FIELD_NAME.match(str(name)):
            return f"{str(name)[:64]!r} cannot be a field name: use letters, digits, _ and -, beginning with a letter."
    return ""


def _required_problem(schema: JsonObject) -> str:
    required = as_list(schema.get("required", []))
    if required is None or any(not isinstance(name, str) for name in required):
        return '"required" must be a list of field names.'
    unknown = [str(name) for name in required if name not in _properties(schema)]
    return f"Required field {unknown[0][:64]!r} is not among the fields." if unknown else ""


def _enum_problem(schema: JsonObject) -> str:
    if "enum" in schema and not as_list(schema["enum"]):
        return "A choice needs at least one allowed value."
    if "anyOf" in schema and not as_list(schema["anyOf"]):
        return '"anyOf" must be a list of schemas.'
    for key in ("title", "description", "format"):
        if key in schema and not isinstance(schema[key], str):
            return f'"{key}" must be text.'
    return ""


def _bounds_problem(schema: JsonObject) -> str:
    for key in _BOUNDS - {"uniqueItems"}:
        value = schema.get(key, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return f'"{key}" must be a number.'
        if key in _LENGTHS and (value < 0 or value != int(value)):
            return f'"{key}" must be a whole number of 0 or more.'
        if key == "multipleOf" and key in schema and value <= 0:
            return '"multipleOf" must be greater than 0.'
    return ""
