"""Simple conditions as rows (left, operator, right) for a visual builder, and back; anything richer stays text."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

OPERATORS = ("==", "!=", ">", ">=", "<", "<=", "contains")
_PATH = r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\d+\])*"
_TEXT = r"'[^']*'|\"[^\"]*\""
_WORD = r"true|false|nil|null|empty|blank"
_NUMBER = r"-?\d+(?:\.\d+)?"
_PART = re.compile(rf"\s*({_PATH})\s*(==|!=|>=|<=|>|<|contains\b)\s*({_TEXT}|{_NUMBER}|{_PATH})\s*")
_JOINER = re.compile(r"(and|or)\b")
_LITERAL = re.compile(rf"(?:{_NUMBER}|{_WORD})\Z")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row; `right` is as people type it, without quotes. `joiner` ("and" or "or", "" for the first) stands before it."""

    joiner: str
    left: str
    operator: str
    right: str


def read_comparisons(text: str) -> list[Comparison] | None:
    """Return the rows of a condition, [] for an empty one, or None when rows cannot show it (parentheses, not, mixed and/or)."""
    rows: list[Comparison] = []
    place, joiner = 0, ""
    while place < len(text) and text[place:].strip():
        part = _PART.match(text, place)
        if part is None:
            return None
        rows.append(Comparison(joiner, part[1], part[2], _unquoted(part[3])))
        place = part.end()
        word = _JOINER.match(text, place)
        if word is None:
            break
        joiner, place = word[1], word.end()
        if not text[place:].strip():
            return None
    is_whole = not text[place:].strip()
    return rows if is_whole and len({row.joiner for row in rows[1:]}) <= 1 else None


def write_comparisons(rows: Sequence[Comparison], *, paths: Collection[str] = ()) -> str:
    """Return the condition for rows; a right side that is neither a number, a word nor one of `paths` becomes a text."""
    parts = [f"{row.left.strip()} {row.operator} {_quoted(row.right.strip(), paths)}" for row in rows]
    joiners = ["", *(f" {row.joiner or 'and'} " for row in rows[1:])]
    return "".join(joiner + part for joiner, part in zip(joiners, parts, strict=True))


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in ("'", '"') else text


def _quoted(text: str, paths: Collection[str]) -> str:
    if _LITERAL.match(text) or text in paths:
        return text
    return f'"{text}"' if "'" in text and '"' not in text else "'" + text.replace("'", "\u2019") + "'"
