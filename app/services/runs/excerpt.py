"""The beginning of what a run was given, in one line, so that the runs of one workflow can be told apart and found in a list."""

from collections.abc import Iterator
from itertools import islice

from engine.json import JsonObject, JsonValue

LENGTH = 200
_LOOKED_AT = 50


def excerpt_of(inputs: JsonObject) -> str:
    """The texts and numbers in the inputs, each cut to its first words."""
    parts = [_short(value) for value in islice(_scalars(inputs), _LOOKED_AT)]
    line = " · ".join(part for part in parts if part)
    return line if len(line) <= LENGTH else f"{line[: LENGTH - 1].rstrip()}…"


def _scalars(value: JsonValue, depth: int = 0) -> Iterator[str]:
    if isinstance(value, dict | list) and depth < 4:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _scalars(inner, depth + 1)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def _short(text: str) -> str:
    return " ".join(text[: 2 * LENGTH].split())[:LENGTH]
