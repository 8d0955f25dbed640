"""The wall around step values: only plain, bounded JSON enters the journal; the driver checks every output here."""

from math import isfinite
from typing import Any

from engine.errors import LimitExceeded, NodeFailed, Permanent
from engine.json import MAX_INTEGER, JsonValue

MAX_BYTES = 1_000_000
MAX_DEPTH = 64


def check_value(value: JsonValue, *, what: str = "output", limit: int = MAX_BYTES) -> None:
    """Raise `<what>_invalid` or `<what>_too_large` unless the value is JSON that can be stored and read back unchanged."""
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str) and len(value) < limit and value.isascii() and "\x00" not in value:
        return
    _walk(value, what, limit)


def _walk(value: Any, what: str, limit: int) -> None:
    left = limit
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        kind = item.__class__
        if kind is str:
            left -= _text_bytes(item, what)
        elif kind is dict:
            left -= 2
            for key, inner in item.items():
                if type(key) is not str:
                    raise _invalid(what, f"an object has the key {key!r}, which is not text")
                left -= _text_bytes(key, what) + 1
                stack.append((inner, depth + 1))
        elif kind is list:
            left -= 2 + len(item)
            stack.extend([(inner, depth + 1) for inner in item])
        else:
            left -= _scalar_bytes(item, what)
        if left < 0:
            raise LimitExceeded(f"{what}_too_large", f"The {what} is larger than {limit // 1000:,} kB. Keep only what later steps need.")
        if depth > MAX_DEPTH:
            raise _invalid(what, f"it is nested more than {MAX_DEPTH} levels deep")


def _scalar_bytes(item: Any, what: str) -> int:
    if item is None or item is True or item is False:
        return 5
    kind = item.__class__
    if kind is int:
        if not -MAX_INTEGER <= item < MAX_INTEGER:
            raise _invalid(what, "a whole number has more than 18 digits; keep it as text")
        return 8
    if kind is float:
        if not isfinite(item):
            raise _invalid(what, f"it holds {item}, which is not a number that can be stored")
        return 12
    raise _invalid(what, f"it holds a value of type {kind.__name__}, which is not JSON")


def _text_bytes(text: str, what: str) -> int:
    if "\x00" in text:
        raise _invalid(what, "a text holds a NUL character")
    if text.isascii():
        return len(text) + 2
    try:
        return len(text.encode()) + 2
    except UnicodeEncodeError:
        raise _invalid(what, "a text holds half of a character (a lone surrogate)") from None


def _invalid(what: str, reason: str) -> NodeFailed:
    return Permanent(f"{what}_invalid", f"The {what} cannot be kept: {reason}.")
