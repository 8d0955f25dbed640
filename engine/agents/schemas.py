"""Checks model answers and tool arguments against JSON Schemas that people wrote: bounded, offline, in plain words."""

import json
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from engine.errors import Permanent
from engine.json import JsonSchema, JsonValue

MAX_REFERENCES = 5_000  # references can be nested so that each doubles the work
MAX_PROBLEMS = 5
_MAPS = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
_VALUES = frozenset({"const", "enum", "default", "examples"})
_TYPES = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_LEFT_OUT = frozenset({"$schema", "pattern", "patternProperties"})
_references: ContextVar[list[int]] = ContextVar("references")


def _follow(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    left = _references.get()
    left[0] -= 1
    if left[0] < 0:
        raise RecursionError
    yield from Draft202012Validator.VALIDATORS["$ref"](validator, reference, instance, schema)


_Bounded: Any = extend(Draft202012Validator, {"$ref": _follow, "$dynamicRef": _follow})


def problems(value: JsonValue, schema: JsonSchema) -> list[str]:
    """What is wrong with the value, in plain words; empty when it fits. Raises Permanent `schema_invalid` for a bad schema."""
    token = _references.set([MAX_REFERENCES])
    try:
        validator = _Bounded(_without_patterns(schema), registry=Registry())
        errors = sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
    except (SchemaError, Unresolvable) as error:
        raise Permanent("schema_invalid", f"The JSON Schema cannot be used: {str(error)[:300]}") from error
    except (RecursionError, TypeError, AttributeError, ValueError, LookupError) as error:
        raise Permanent("schema_invalid", "The JSON Schema cannot be used. Simplify it and check its references.") from error
    finally:
        _references.reset(token)
    return [_words(error) for error in errors[:MAX_PROBLEMS]]


def _words(error: ValidationError) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path).lstrip(".")
    message = _message(error)
    return f"{path or 'the value'}: {message if len(message) <= 300 else message[:300] + '...'}"


def _message(error: ValidationError) -> str:
    """What the validator says, with values as JSON writes them."""
    value = json.dumps(error.instance, ensure_ascii=False, default=str)
    wanted: Any = error.validator_value
    shown = value if len(value) <= 80 else value[:80] + "…"
    if error.validator == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"{shown} is not {' or '.join(_TYPES.get(str(kind), str(kind)) for kind in kinds)}"
    if error.validator == "required":
        return f"{error.message.removesuffix(' is a required property')} is missing"
    if error.validator == "enum":
        return f"{shown} is not one of {', '.join(json.dumps(one, ensure_ascii=False, default=str) for one in wanted)}"
    if error.validator == "const":
        return f"{shown} is not {json.dumps(wanted, ensure_ascii=False, default=str)}"
    if error.validator in ("anyOf", "oneOf"):
        return f"{shown} is not of any kind that fits here"
    written = repr(error.instance)
    return shown + error.message.removeprefix(written) if error.message.startswith(written) else error.message


def _without_patterns(schema: Any) -> Any:
    """A copy without regular expressions: they are told to the model but never run, as one bad one would hold the whole worker."""
    if isinstance(schema, list):
        return [_without_patterns(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _LEFT_OUT or (key == "additionalProperties" and "patternProperties" in schema):
            continue
        if key in _VALUES:
            copy[key] = value
        elif key in _MAPS and isinstance(value, dict):
            copy[key] = {name: _without_patterns(part) for name, part in value.items()}
        else:
            copy[key] = _without_patterns(value)
    return copy


def parse_answer(text: str) -> JsonValue:
    """The JSON in a model's answer, also inside a code fence or after a sentence; raises ValueError."""
    body = text.strip()
    if "```" in body:
        inner = body.split("```")[1]
        body = inner[4:] if inner[:4].lower() == "json" else inner
    try:
        return json.loads(body, parse_constant=_no_constant)
    except ValueError:
        start = min((index for index in (body.find("{"), body.find("[")) if index >= 0), default=-1)
        if start < 0:
            raise
        value, _ = json.JSONDecoder(parse_constant=_no_constant).raw_decode(body[start:])
        return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
