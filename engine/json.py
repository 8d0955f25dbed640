"""JSON value types shared by the whole engine: what nodes take, give and keep."""

from typing import Any, TypeAlias

# `Any` inside is deliberate: a recursive alias makes every node author fight the type checker for no safety gain.
JsonValue: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None
JsonObject: TypeAlias = dict[str, Any]
JsonSchema: TypeAlias = dict[str, Any]
