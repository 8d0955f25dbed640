"""Filters between JSON, text and dates; dates are UTC unless a zone is named, and come only from the data or the run's own clock."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from liquid.exceptions import FilterArgumentError
from liquid.undefined import Undefined

from engine.expressions.limits import MAX_JSON_CHARS, MAX_JSON_DEPTH
from engine.expressions.values import dump, to_json, type_name
from engine.json import JsonValue

_DIRECTIVE = re.compile(r"%(-?)(.)", re.DOTALL)
_DIRECTIVES = frozenset("aAbBdHIjmMpSUwWyYZzfeFTsDRlk%nGVu")
_FENCE = re.compile(r"\A```[a-zA-Z]*\n(.*)\n```\Z", re.DOTALL)


def as_json(value: Any, indent: Any = None) -> str:
    """The value as JSON text."""
    if indent is not None and (not isinstance(indent, int) or isinstance(indent, bool) or not 0 <= indent <= 8):
        raise FilterArgumentError("json takes an indent from 0 to 8", token=None)
    return dump(to_json(value), indent=indent)


def from_json(value: Any) -> JsonValue:
    """The value a JSON text stands for; a Markdown code fence around it is ignored, other values stay as they are."""
    if not isinstance(value, str):
        return to_json(value)
    text = value.strip()
    if fenced := _FENCE.match(text):
        text = fenced.group(1)
    if len(text) > MAX_JSON_CHARS:
        raise FilterArgumentError(f"the JSON text is longer than {MAX_JSON_CHARS:,} characters", token=None)
    if _depth(text) > MAX_JSON_DEPTH:
        raise FilterArgumentError(f"the JSON text is nested deeper than {MAX_JSON_DEPTH} levels", token=None)
    try:
        return json.loads(text, parse_constant=_not_json, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise FilterArgumentError(f"the text is not JSON: {error.msg} at character {error.pos + 1}", token=None) from error
    except ValueError as error:
        raise FilterArgumentError("the JSON text holds a number that is too large", token=None) from error


def _depth(text: str) -> int:
    """An upper bound of the nesting, cheap enough to be asked before parsing."""
    depth = deepest = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text, re.DOTALL):
        mark = match.group()
        if mark in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif mark in ("]", "}"):
            depth -= 1
    return deepest


def _not_json(name: str) -> NoReturn:
    raise FilterArgumentError(f"{name} is not JSON", token=None)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise FilterArgumentError("the JSON text holds a number that is too large", token=None)
    return value


def default(value: Any, fallback: Any = "", *, allow_false: bool = False) -> Any:
    """The fallback when the value is missing, nothing, false or empty."""
    if isinstance(value, Undefined) or value is None or (isinstance(value, str | list | dict) and not value):
        return fallback
    return fallback if value is False and not allow_false else value


def date(value: Any, pattern: Any = "%Y-%m-%d", zone: Any = "", *, scope: Mapping[str, object]) -> str:
    """A point in time as text, in UTC or the zone named; the word `now` is the run's own clock."""
    if value is None:
        return ""
    moment = to_moment(scope.get("now") if value in ("now", "today") else value)
    if not isinstance(pattern, str) or len(pattern) > 200:
        raise FilterArgumentError("the date pattern is a text of at most 200 characters, such as '%d %B %Y'", token=None)
    if zone:
        moment = moment.astimezone(_zone(zone))
    return _DIRECTIVE.sub(lambda match: _directive(moment, match), pattern)


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name if isinstance(name, str) and len(name) <= 64 else "")
    except (KeyError, ValueError, OSError) as error:
        raise FilterArgumentError("the time zone is an IANA name, such as 'Europe/Berlin'", token=None) from error


def _directive(moment: datetime, match: re.Match[str]) -> str:
    flag, letter = match.groups()
    if letter not in _DIRECTIVES:
        raise FilterArgumentError(f"the date pattern has an unknown part '{match.group()}'", token=None)
    if letter == "s":
        return str(int(moment.timestamp()))
    made = {"e": f"{moment.day:2d}", "l": f"{moment:%I}".lstrip("0"), "k": f"{moment.hour:2d}"}.get(letter)
    made = moment.strftime(f"%{letter}") if made is None else made
    return (made.lstrip("0 ") or "0") if flag else made


def to_moment(value: Any) -> datetime:
    """Read an ISO 8601 or e-mail date, or seconds since 1970; without a zone it is UTC."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, str) and len(value) <= 80:
            text = value.strip()
            moment = parsedate_to_datetime(text) if text[:3].isalpha() else datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError, OSError, TypeError, IndexError) as error:
        shown = value if isinstance(value, str) else repr(value)
        raise FilterArgumentError(f"'{shown[:40]}' is not a date such as 2026-05-31 or 2026-05-31T09:30:00Z", token=None) from error
    raise FilterArgumentError(f"expected a date, found {type_name(value)}", token=None)


CONVERT_FILTERS: dict[str, Callable[..., Any]] = {"json": as_json, "from_json": from_json}
