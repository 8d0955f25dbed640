"""pydantic's complaints in plain words with a remedy; the checker, the loaders and the blueprint codec share it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
    "finite_number": "a finite number",
}
_NUMBERS = frozenset({"int_type", "int_parsing", "float_type", "float_parsing"})
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,62}$": "must be small letters, digits and _, start with a letter and have at most 63 of them, "
    "such as 'draft_reply'",
    r"^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,60})?$": "must be three numbers with dots, such as '1.0.0'",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint; `loc` is pydantic's path without the names of union branches."""

    loc: tuple[str | int, ...]
    message: str
    remedy: str
    code: str

    @property
    def field(self) -> str:
        """The path as people write it."""
        return ".".join(str(part) for part in self.loc)


def explain(error: ValidationError, model: type[BaseModel] | None = None) -> list[Problem]:
    """Every complaint once, in order; unions give one problem, not one per branch."""
    return explain_details(error.errors(include_url=False), model)


def explain_details(details: Sequence[ErrorDetails], model: type[BaseModel] | None = None) -> list[Problem]:
    """The same for complaints that pydantic has listed."""
    problems: list[Problem] = []
    seen: set[tuple[tuple[str | int, ...], str]] = set()
    for detail in details:
        if _follows(detail):
            continue
        loc = _clean(detail["loc"])
        message, remedy = _words(detail, loc, model)
        if (loc, message) not in seen:
            seen.add((loc, message))
            problems.append(Problem(loc, message, remedy, _code(detail)))
    return problems


def _follows(detail: ErrorDetails) -> bool:
    """Whether pydantic counts a list as too short only because entries of it are wrong, which it tells as well."""
    given = detail.get("input")
    return detail["type"] == "too_short" and isinstance(given, list | tuple) and len(given) >= detail.get("ctx", {}).get("min_length", 0)


def _clean(loc: Sequence[str | int]) -> tuple[str | int, ...]:
    """Drop the parts pydantic adds for union branches and function validators, such as `constrained-int` or `literal['all']`."""
    return tuple(part for part in loc if isinstance(part, int) or not any(mark in part for mark in "[]()-"))


def _code(detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "missing":
        return "missing_value"
    return "unknown_field" if kind == "extra_forbidden" else "invalid_value"


def _words(detail: ErrorDetails, loc: tuple[str | int, ...], model: type[BaseModel] | None) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    name = str(loc[-1]) if loc else "The value"
    if kind == "missing":
        return f"'{name}' is missing.", "Fill it in."
    if kind == "extra_forbidden":
        return f"There is no field '{name}' here.", _closest_field(name, loc, model)
    if kind == "value_error":
        text = str(context.get("error", detail["msg"]))
        return text[:1].upper() + text[1:].rstrip(".") + ".", ""
    if kind in _TYPES and detail.get("input") == "":
        return f"'{name}' is empty.", f"Fill in {_TYPES[kind]}."
    if kind in _TYPES:
        return f"'{name}' must be {_TYPES[kind]}, not {shown(detail.get('input'))}.", _instead(kind, detail.get("input"))
    if kind in ("literal_error", "enum"):
        return f"'{name}' must be {context.get('expected')}, not {shown(detail.get('input'))}.", "Choose one of these."
    sizes = _sizes(kind, name, context, detail.get("input"))
    return sizes or _bounds(kind, name, context) or (f"'{name}': {detail['msg']}.", "Change the value.")


def _instead(kind: str, value: object) -> str:
    """How to write it as what was wanted, where that is a matter of writing."""
    if kind == "string_type" and isinstance(value, int | float):
        return "Put it in quotes."
    if kind in _NUMBERS and isinstance(value, str) and _NUMBER.fullmatch(value):
        return "Take the quotes away."
    return "Change the value."


def _bounds(kind: str, name: str, context: dict[str, Any]) -> tuple[str, str] | None:
    words = {
        "greater_than": ("must be more than", "gt"),
        "greater_than_equal": ("must be at least", "ge"),
        "less_than": ("must be less than", "lt"),
        "less_than_equal": ("must be at most", "le"),
    }
    if kind in words:
        phrase, key = words[kind]
        return f"'{name}' {phrase} {_number(context[key])}.", "Change the number."
    if kind == "string_pattern_mismatch":
        return f"'{name}' {_PATTERNS.get(context['pattern'], 'does not have the form ' + context['pattern'])}.", "Rename it."
    return None


def _sizes(kind: str, name: str, context: dict[str, Any], value: object) -> tuple[str, str] | None:
    is_text = kind.startswith("string_")
    if kind in ("too_long", "string_too_long"):
        most = context["max_length"]
        has = f"has {_counted(len(value), is_text)}; " if isinstance(value, str | list | tuple | dict) else "is too long; "
        return f"'{name}' {has}at most {most:,} {'is' if most == 1 else 'are'} allowed.", "Shorten it."
    if kind in ("too_short", "string_too_short"):
        return f"'{name}' needs at least {_counted(context['min_length'], is_text)}.", "Add to it."
    return None


def _counted(count: int, is_text: bool) -> str:
    """ "1 entry", "20 characters"."""
    one, several = ("character", "characters") if is_text else ("entry", "entries")
    return f"{count:,} {one if count == 1 else several}"


def _number(limit: object) -> str:
    """A limit as people write it: 1 rather than 1.0."""
    if isinstance(limit, float) and limit.is_integer():
        limit = int(limit)
    return f"{limit:,}" if isinstance(limit, int | float) else str(limit)


def shown(value: object) -> str:
    """A value of somebody's document as a message names it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
    if isinstance(value, int | float):
        return str(value)
    return "a list" if isinstance(value, list | tuple) else "an object" if isinstance(value, dict) else type(value).__name__


def _closest_field(name: str, loc: tuple[str | int, ...], model: type[BaseModel] | None) -> str:
    """Only the fields of the outermost model are known by name; deeper ones are told to be removed."""
    if model is not None and len(loc) == 1:
        near = get_close_matches(name, list(model.model_fields), n=1)
        if near:
            return f"Did you mean '{near[0]}'?"
        if model.model_fields:
            return f"Remove it. Known fields: {', '.join(list(model.model_fields)[:12])}."
    return "Remove it."
