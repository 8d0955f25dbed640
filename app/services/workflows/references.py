"""Follows node ids through Liquid texts: renaming a node rewrites `{{ old.field }}` and conditions that name it."""

import re

from engine.json import JsonObject, JsonValue

_OPENING = re.compile(r"\{\{-?|\{%-?")
_CLOSING = re.compile(r"-?\}\}|-?%\}")
_LONGEST = 4_000  # no sound expression is longer; what is stays as it is, so that nobody can make the search below slow
# Quoted text is skipped as a whole; a name counts only where it is the root of a path and no filter or keyword argument.
_TOKEN = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<![\w.\-])([A-Za-z_]\w*)(?!\w|\s*:(?!:))""")
STEP_KEYS = frozenset({"step_id", "step_ids"})  # fields of a config that hold ids of steps
EXPRESSION_KEYS = frozenset({"condition", "when", "expression"})


def rename_in_expression(text: str, renames: dict[str, str]) -> str:
    """Rewrite the roots of paths in a bare Liquid expression."""

    def swap(match: re.Match[str]) -> str:
        name = match.group(2)
        if name is None or name not in renames or text[: match.start()].rstrip().endswith("|"):
            return match.group(0)
        return renames[name]

    return _TOKEN.sub(swap, text) if len(text) <= _LONGEST else text


def rename_in_template(text: str, renames: dict[str, str]) -> str:
    """Rewrite the roots of paths inside the markup of a Liquid text; plain text stays."""
    if "{{" not in text and "{%" not in text:
        return text
    parts: list[str] = []
    place = 0
    while opening := _OPENING.search(text, place):
        closing = _CLOSING.search(text, opening.end())
        if closing is None:
            break
        parts += [text[place : opening.end()], rename_in_expression(text[opening.end() : closing.start()], renames), closing.group()]
        place = closing.end()
    return "".join([*parts, text[place:]])


def rename_in_value(value: JsonValue, renames: dict[str, str], *, is_expression: bool = False) -> JsonValue:
    """Rewrite every text inside a JSON value; keys that hold conditions are read as bare expressions."""
    if isinstance(value, str):
        if is_expression and "{{" not in value:
            return rename_in_expression(value, renames)
        return rename_in_template(value, renames)
    if isinstance(value, list):
        return [rename_in_value(item, renames) for item in value]
    if isinstance(value, dict):
        return {key: rename_in_value(item, renames, is_expression=key in EXPRESSION_KEYS) for key, item in value.items()}
    return value


def rename_in_config(config: JsonObject, renames: dict[str, str]) -> JsonObject:
    """Rewrite one node's config."""
    return {
        key: rename_ids(item, renames) if key in STEP_KEYS else rename_in_value(item, renames, is_expression=key in EXPRESSION_KEYS)
        for key, item in config.items()
    }


def rename_ids(value: JsonValue, renames: dict[str, str]) -> JsonValue:
    """Rewrite ids that stand alone, or in a list."""
    if isinstance(value, list):
        return [rename_ids(item, renames) for item in value]
    return renames.get(value, value) if isinstance(value, str) else value
