"""JSON values inside templates: their plain names, their text, and the wall that keeps every other Python object out."""

import json
import math
from typing import Any

from liquid.exceptions import LiquidTypeError
from liquid.undefined import Undefined

from engine.expressions.limits import MAX_INTEGER
from engine.json import JsonValue


def type_name(value: object) -> str:
    """What people call the type of the value."""
    if isinstance(value, bool):
        return "true/false"
    for kinds, name in (
        (str, "text"),
        ((int, float), "a number"),
        ((list, tuple, range), "a list"),
        (dict, "an object"),
    ):
        if isinstance(value, kinds):  # type: ignore[arg-type]
            return name
    return "nothing" if value is None else "something that is not JSON"


def to_json(value: object) -> JsonValue:
    """The value itself if it is JSON at its surface; ranges and tuples become lists; anything else is refused."""
    if value is None or isinstance(value, bool | str | list | dict):
        return value  # type: ignore[return-value]
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, tuple | range):
        return [to_json(item) for item in value]
    if isinstance(value, Undefined):
        str(value)  # raises the error that names the missing path
    raise LiquidTypeError("this is not a JSON value", token=None)


def number(value: int | float) -> int | float:
    """The number, refused when it is infinite, not a number or absurdly large."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise LiquidTypeError("the number is too large or not a number", token=None)
    elif not -MAX_INTEGER < value < MAX_INTEGER:
        raise LiquidTypeError("the number is too large", token=None)
    return value


def to_text(value: object) -> str:
    """How a value is written into a text: lists and objects as JSON, nothing as an empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = to_json(value)
    if isinstance(plain, list | dict):
        return dump(plain)
    return str(plain)


def dump(value: JsonValue, *, indent: int | None = None) -> str:
    """Strict JSON text that keeps letters as letters."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, default=_refuse)
    except RecursionError as error:
        raise LiquidTypeError("the value is nested too deeply", token=None) from error
    except ValueError as error:
        raise LiquidTypeError("the value holds a number that is infinite or not a number", token=None) from error


def _refuse(_value: Any) -> JsonValue:
    raise LiquidTypeError("this is not a JSON value", token=None)


def weight(value: object) -> int:
    """A cheap size: characters of a text, entries of a list or object."""
    return len(value) if isinstance(value, str | list | dict | tuple | range) else 1
