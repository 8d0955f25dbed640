"""Makes a short string that fits a regular expression, for schema fields with a `pattern` that the text does not answer."""

import re
from re import _constants as codes  # pyright: ignore[reportAttributeAccessIssue] - the standard library's own parse tree
from re import _parser as parser  # pyright: ignore[reportAttributeAccessIssue]
from typing import Any

_CLASSES = {codes.CATEGORY_DIGIT: "0", codes.CATEGORY_WORD: "a", codes.CATEGORY_SPACE: " ", codes.CATEGORY_NOT_DIGIT: "a",
            codes.CATEGORY_NOT_SPACE: "a", codes.CATEGORY_NOT_WORD: "-"}  # fmt: skip
MAX_REPEAT = 64


def sample(pattern: str) -> str:
    """A string that fits, or an empty one for patterns beyond plain literals, classes, groups and repeats."""
    try:
        text = "".join(_one(code, argument) for code, argument in parser.parse(pattern))
    except (re.error, RecursionError, OverflowError):
        return ""
    return text if re.search(pattern, text) else ""


def _one(code: Any, argument: Any) -> str:
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.NOT_LITERAL:
        return "b" if argument == ord("a") else "a"
    if code is codes.ANY:
        return "a"
    if code is codes.IN:
        return _from_class(argument)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        low, _, inner = argument
        return "".join(_one(*part) for part in inner) * min(low, MAX_REPEAT)
    if code is codes.SUBPATTERN:
        return "".join(_one(*part) for part in argument[-1])
    if code is codes.BRANCH:
        return "".join(_one(*part) for part in argument[1][0])
    return ""


def _from_class(items: list[Any]) -> str:
    if items and items[0][0] is codes.NEGATE:
        return next((one for one in "a0-_ Z" if not re.fullmatch(_class_text(items[1:]), one)), "~")
    code, argument = items[0]
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return chr(argument[0])
    return _CLASSES.get(argument, "a")


def _class_text(items: list[Any]) -> str:
    parts = []
    for code, argument in items:
        if code is codes.LITERAL:
            parts.append(re.escape(chr(argument)))
        elif code is codes.RANGE:
            parts.append(f"{re.escape(chr(argument[0]))}-{re.escape(chr(argument[1]))}")
        elif argument in _CLASSES:
            parts.append({"0": r"\d", "a": r"\w", " ": r"\s"}.get(_CLASSES[argument], r"\W"))
    return f"[{''.join(parts)}]"
