"""Text filters under Liquid's names, each linear in its input and checked for room before it makes anything large."""

import base64
import html
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from liquid.exceptions import FilterArgumentError

from engine.expressions.filters_number import to_number
from engine.expressions.limits import MAX_ITEMS, MAX_TEXT_CHARS
from engine.expressions.values import to_text

_TAG = re.compile(r"<[a-zA-Z/!?][^<>]*>")  # stops at the next bracket, so it is linear


def _whole(value: Any) -> int:
    number = to_number(value)
    if isinstance(number, float) or abs(number) > MAX_TEXT_CHARS * 1000:
        raise FilterArgumentError("expected a whole number of reasonable size", token=None)
    return number


def _room(length: int) -> None:
    if length > MAX_TEXT_CHARS:
        raise FilterArgumentError(f"the text would be longer than {MAX_TEXT_CHARS:,} characters", token=None)


def replace(text: str, old: str, new: str = "") -> str:
    """Every `old` becomes `new`."""
    _room(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def replace_last(text: str, old: str, new: str = "") -> str:
    """The last `old` becomes `new`."""
    before, found, after = text.rpartition(old) if old else (text, "", "")
    return before + (new if found else "") + after


def remove_last(text: str, old: str) -> str:
    """Without the last `old`."""
    return replace_last(text, old)


def split(text: str, separator: str = " ") -> list[str]:
    """The parts between separators; an empty separator gives the characters."""
    parts = len(text) if not separator else text.count(separator) + 1
    if parts > MAX_ITEMS:
        raise FilterArgumentError(f"the text would fall into more than {MAX_ITEMS:,} parts", token=None)
    if not text:
        return []
    if not separator:
        return list(text)
    return text.split(None if separator == " " else separator)


def lines(text: str) -> list[str]:
    """The lines that are not blank, without white space at their ends."""
    if text.count("\n") > MAX_ITEMS:
        raise FilterArgumentError(f"the text has more than {MAX_ITEMS:,} lines", token=None)
    return [line.strip() for line in text.splitlines() if line.strip()]


def truncate(text: str, length: Any = 50, end: Any = "...") -> str:
    """At most `length` characters, the end mark included."""
    limit, mark = _whole(length), to_text(end)
    if len(text) <= limit:
        return text
    return text[: max(0, limit - len(mark))] + mark


def truncatewords(text: str, count: Any = 15, end: Any = "...") -> str:
    """At most `count` words."""
    limit = max(1, _whole(count))
    words = text.split(None, limit)
    return text if len(words) <= limit else " ".join(words[:limit]) + to_text(end)


def strip_html(text: str) -> str:
    """Without tags, and without what stands inside script and style."""
    for name in ("script", "style"):
        text = _without_element(text, name)
    return _TAG.sub("", text)


def _without_element(text: str, name: str) -> str:
    folded = text.lower()
    if len(folded) != len(text):  # rare letters grow when lowered; positions would not match
        folded = text
    kept: list[str] = []
    position = 0
    while (start := folded.find(f"<{name}", position)) >= 0:
        end = folded.find(f"</{name}", start)
        if end < 0:
            break
        kept.append(text[position:start])
        position = end
    kept.append(text[position:])
    return "".join(kept)


def slice_(value: Any, start: Any, length: Any = 1) -> Any:
    """A part of a text or list, from `start` (negative counts from the end)."""
    sequence = value if isinstance(value, str | list) else to_text(value)
    begin, count = _whole(start), max(0, _whole(length))
    begin = max(0, len(sequence) + begin) if begin < 0 else begin
    return sequence[begin : begin + count]


def _of_text(function: Callable[..., Any]) -> Callable[..., Any]:
    def apply(value: Any, *args: Any) -> Any:
        return function(to_text(value), *[to_text(arg) for arg in args])

    return apply


def _grows(function: Callable[..., Any]) -> Callable[..., Any]:
    """For filters whose result may be several times the input: the input is bounded first."""

    def apply(value: Any) -> Any:
        text = to_text(value)
        _room(len(text) * 5)
        return function(text)

    return apply


TEXT_FILTERS: dict[str, Callable[..., Any]] = {
    "append": _of_text(lambda text, other: text + other),
    "prepend": _of_text(lambda text, other: other + text),
    "capitalize": _of_text(lambda text: text.capitalize()),
    "downcase": _of_text(lambda text: text.lower()),
    "upcase": _of_text(lambda text: text.upper()),
    "strip": _of_text(lambda text: text.strip()),
    "lstrip": _of_text(lambda text: text.lstrip()),
    "rstrip": _of_text(lambda text: text.rstrip()),
    "squish": _of_text(lambda text: " ".join(text.split())),
    "remove": _of_text(lambda text, old: text.replace(old, "")),
    "remove_first": _of_text(lambda text, old: text.replace(old, "", 1)),
    "remove_last": _of_text(remove_last),
    "replace": _of_text(replace),
    "replace_first": _of_text(lambda text, old, new="": text.replace(old, new, 1)),
    "replace_last": _of_text(replace_last),
    "split": _of_text(split),
    "lines": _of_text(lines),
    "strip_html": _of_text(strip_html),
    "strip_newlines": _of_text(lambda text: text.replace("\r\n", "").replace("\n", "")),
    "newline_to_br": _grows(lambda text: text.replace("\r\n", "\n").replace("\n", "<br />\n")),
    "escape": _grows(html.escape),
    "escape_once": _grows(lambda text: html.escape(html.unescape(text))),
    "url_encode": _grows(urllib.parse.quote_plus),
    "url_decode": _of_text(urllib.parse.unquote_plus),
    "base64_encode": _grows(lambda text: base64.b64encode(text.encode()).decode()),
    "base64_decode": _of_text(lambda text: base64.b64decode(text, validate=True).decode()),
    "base64_url_safe_encode": _grows(lambda text: base64.urlsafe_b64encode(text.encode()).decode()),
    "base64_url_safe_decode": _of_text(lambda text: base64.urlsafe_b64decode(text).decode()),
    "truncate": lambda value, length=50, end="...": truncate(to_text(value), length, end),
    "truncatewords": lambda value, count=15, end="...": truncatewords(to_text(value), count, end),
    "slice": slice_,
    "text": to_text,
}
