"""JSON values, shared by the whole engine: their types, and how values from outside become storable."""

from math import isfinite
from typing import Any, TypeAlias, cast

# `Any` inside is deliberate: a recursive alias makes every node author fight the type checker for no safety gain.
JsonValue: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None
JsonObject: TypeAlias = dict[str, Any]
JsonSchema: TypeAlias = dict[str, Any]


def as_object(value: object) -> JsonObject | None:
    """The value if it is a JSON object, typed as one."""
    return cast(JsonObject, value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """The value if it is a JSON array (or a tuple), typed as a list."""
    if isinstance(value, tuple):
        return list(cast(tuple[Any, ...], value))
    return cast(list[Any], value) if isinstance(value, list) else None


MAX_DEPTH = 60
MAX_INTEGER = 2**63  # what every JSON reader and both databases keep exactly


def clean_text(text: str) -> str:
    """The text as both databases can store it: no NUL, no half characters."""
    if text.isascii():
        return text.replace("\x00", "\ufffd") if "\x00" in text else text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def clean_value(value: Any, depth: int = 0) -> JsonValue:
    """What outsiders sent, made storable: bad characters replaced, numbers that cannot be kept turned into text or null."""
    if isinstance(value, str):
        return clean_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -MAX_INTEGER <= value < MAX_INTEGER else str(value)[:400]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if depth >= MAX_DEPTH:
        return "[nested too deeply]"
    if isinstance(value, list | tuple):
        return [clean_value(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(str(key)): clean_value(item, depth + 1) for key, item in value.items()}
    return clean_text(str(value))
