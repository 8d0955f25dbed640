"""Follows node ids through Liquid texts: renaming a node rewrites `{{ old.field }}` and conditions that name it."""

import re

from engine.json import JsonObject, JsonValue

_MARKUP = re.compile(r"(\{\{-?|\{%-?)(.*?)(-?\}\}|-?%\})", re.DOTALL)
# Quoted text is skipped as a whole; a name counts only where it is the root of a path and no filter or keyword argument.
_TOKEN = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<![\w.\-])([A-Za-z_]\w*)(?!\w|\s*:(?!:))""")
_BEFORE_FILTER = re.compile(r"\|\s*$")
EXPRESSION_KEYS = frozenset({"condition", "when", "expression"})


def rename_in_expression(text: str, renames: dict[str, str]) -> str:
    """Rewrite the roots of paths in a bare Liquid expression."""

    def swap(match: re.Match[str]) -> str:
        name = match.group(2)
        if name is None or name not in renames or _BEFORE_FILTER.search(text, 0, match.start()):
            return match.group(0)
        return renames[name]

    return _TOKEN.sub(swap, text)


def rename_in_template(text: str, renames: dict[str, str]) -> str:
    """Rewrite the roots of paths inside the markup of a Liquid text; plain text stays."""
    if "{{" not in text and "{%" not in text:
        return text
    return _MARKUP.sub(lambda m: m.group(1) + rename_in_expression(m.group(2), renames) + m.group(3), text)


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
    return {key: rename_in_value(item, renames, is_expression=key in EXPRESSION_KEYS) for key, item in config.items()}
