"""The wall before every parser: size, depth and characters of untrusted JSON, checked without recursion; loaders and services call it."""

import json
import math
from dataclasses import dataclass
from typing import Any, NoReturn

from engine.errors import Finding, SpecError
from engine.json import JsonValue

_BIG_INTEGER = 2**63


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """What one document may hold; `values` counts every entry, key and nested value."""

    depth: int = 40
    values: int = 1_000_000
    string_chars: int = 200_000
    total_chars: int = 20_000_000


DEFAULT_LIMITS = JsonLimits()


def parse_json(text: str | bytes, *, limits: JsonLimits = DEFAULT_LIMITS) -> JsonValue:
    """Parse untrusted JSON text; raises SpecError with one finding that names the place and the remedy."""
    if len(text) > limits.total_chars:
        raise _too_large("", f"The document is longer than {limits.total_chars:,} characters.")
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        finding = Finding("invalid_json", f"This is not JSON: {error.msg}.", "Check the text there.", line=error.lineno, column=error.colno)
        raise SpecError([finding]) from error
    except RecursionError as error:
        raise _too_large("", f"The document is nested deeper than {limits.depth} levels.") from error
    except ValueError as error:
        raise SpecError([Finding("invalid_json", "The document is not JSON in UTF-8.", "Save it as UTF-8 text.")]) from error
    check_json(value, limits=limits)
    return value


def check_json(value: Any, *, limits: JsonLimits = DEFAULT_LIMITS, at: str = "") -> None:
    """Raise SpecError for anything that is not plain, storable JSON within the limits, and name the field."""
    values = chars = 0
    stack: list[tuple[Any, str, int]] = [(value, at, 1)]
    while stack:
        item, path, depth = stack.pop()
        values += 1
        if depth > limits.depth:
            raise _too_large(path[:200], f"The document is nested deeper than {limits.depth} levels.")
        if isinstance(item, str):
            chars += len(item)
            _check_text(item, path, limits)
        elif isinstance(item, dict):
            for key in item:
                if not isinstance(key, str):
                    raise _wrong("invalid_json", path, "A key is not text.", "Use text as keys.")
                _check_text(key, path, limits)
                chars += len(key)
            values += len(item)
            stack.extend((inner, f"{path}.{key}" if path else key, depth + 1) for key, inner in item.items())
        elif isinstance(item, list | tuple):
            stack.extend((inner, f"{path}.{index}" if path else str(index), depth + 1) for index, inner in enumerate(item))
        else:
            _check_scalar(item, path)
        if values + len(stack) > limits.values:
            raise _too_large(path[:200], f"The document holds more than {limits.values:,} values.")
        if chars > limits.total_chars:
            raise _too_large(path[:200], f"The document holds more than {limits.total_chars:,} characters.")


def _check_text(text: str, path: str, limits: JsonLimits) -> None:
    if len(text) > limits.string_chars:
        raise _too_large(path, f"The text is longer than {limits.string_chars:,} characters.")
    if "\x00" in text:
        raise _wrong("invalid_text", path, "The text holds a NUL character.", "Remove it.")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise _wrong("invalid_text", path, "The text holds half of a character pair (a lone surrogate).", "Type it again.") from error


def _check_scalar(item: Any, path: str) -> None:
    if item is None or isinstance(item, bool):
        return
    if isinstance(item, int):
        if not -_BIG_INTEGER <= item < _BIG_INTEGER:
            raise _wrong("invalid_number", path, "The whole number does not fit into 64 bits.", "Write it as text.")
    elif isinstance(item, float):
        if not math.isfinite(item):
            raise _wrong("invalid_number", path, "NaN and Infinity are not JSON numbers.", "Use a finite number or nothing.")
    else:
        raise _wrong("invalid_json", path, f"A value of type {type(item).__name__} is not JSON.", "Use text, numbers, lists and objects.")


def _refuse_constant(name: str) -> NoReturn:
    raise _wrong("invalid_number", "", f"{name} is not a JSON number.", "Use a finite number or null.")


def _wrong(code: str, path: str, message: str, remedy: str) -> SpecError:
    return SpecError([Finding(code, message, remedy, field=path[:200] or None)])


def _too_large(path: str, message: str) -> SpecError:
    return SpecError([Finding("too_large", message, "Split it into smaller parts.", field=path or None)])
