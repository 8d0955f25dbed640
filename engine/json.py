"""JSON value types shared by the whole engine: what nodes take, give and keep."""

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
