"""Types and class-name joining that every widget uses."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import reflex as rx

Text: TypeAlias = str | rx.Var[str]
Flag: TypeAlias = bool | rx.Var[bool]
Node: TypeAlias = rx.Component | rx.Var[Any] | str
Event: TypeAlias = Any  # Reflex accepts handlers, specs, lambdas and lists of them
Options: TypeAlias = Sequence[tuple[str, str]] | rx.Var[list[dict[str, str]]]
Size: TypeAlias = Literal["sm", "md", "lg"]
Tone: TypeAlias = Literal["neutral", "accent", "green", "amber", "red", "blue"]


def classes(*names: str | rx.Var[str] | None) -> list[str | rx.Var[str]]:
    """Return the names that are set, for `class_name`."""
    return [name for name in names if name is not None and not (isinstance(name, str) and not name)]


def either(first: Flag, second: Flag) -> Flag:
    """`or` over Python and Var booleans."""
    if isinstance(first, bool):
        return True if first else second
    if isinstance(second, bool):
        return True if second else first
    return first | second


def given(text: Text | None) -> bool:
    """Whether a widget should render a place for this text: any Var, or a non-empty string."""
    return isinstance(text, rx.Var) or bool(text)


def length_of(items: Any) -> Any:
    """How many items a list Var has."""
    return items.length()
