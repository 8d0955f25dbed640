"""Answers of the API as people read them: tables and lines, money in dollars, times in seconds; programs ask for --json."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from app.cli.terminal import say
from app.core.printing import clean
from app.views.words import duration

WIDEST = 48
WIDE = 2000
_ONE_LINE = str.maketrans("\n\t", "  ")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")
_UNITS = ("_micros", "_ms")


def print_table(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> None:
    """Aligned columns, ids last; nothing but a line on standard error when there is nothing."""
    columns = [*(name for name in columns if name != "id"), *(name for name in columns if name == "id")]
    cells = [[cell(name, row.get(name)) for name in columns] for row in rows]
    if not cells:
        say("Nothing found.", err=True)
        return
    head = [_title(name).upper() for name in columns]
    widths = [max(len(line[index]) for line in [head, *cells]) for index in range(len(columns))]
    for line in [head, *cells]:
        say("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def lines_of(found: dict[str, Any], *, indent: str = "") -> Iterator[str]:
    """One line a value; what is nested stands below its name."""
    for name, value in found.items():
        if isinstance(value, dict) and value:
            yield f"{indent}{name}:"
            yield from lines_of(value, indent=f"{indent}  ")
        elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
            yield f"{indent}{name}:"
            for one in value:
                inner = (
                    ", ".join(f"{key} {cell(key, part, widest=WIDE)}" for key, part in one.items()) if isinstance(one, dict) else shown(one)
                )
                yield f"{indent}  - {shown(inner, widest=WIDE)}"
        else:
            yield f"{indent}{_title(name)}: {cell(name, value, widest=WIDE)}"


def cell(name: str, value: Any, *, widest: int = WIDEST) -> str:
    """A value by what its name says it is: `cost_micros` in dollars, `duration_ms` in seconds, a moment to the second."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if name.endswith("_micros"):
            return dollars(value / 1_000_000)
        if name.endswith("_ms"):
            return duration(value)
    if isinstance(value, str) and (moment := _MOMENT.fullmatch(value)):
        return f"{moment[1]} {moment[2]}"
    if isinstance(value, list) and not any(isinstance(one, (dict, list)) for one in value):
        return shown(", ".join(shown(one, widest=widest) for one in value), widest=widest)
    return shown(value, widest=widest)


def dollars(amount: float) -> str:
    """Two decimals, and four where that would say nothing."""
    return f"${amount:,.4f}" if 0 < abs(amount) < 0.1 else f"${amount:,.2f}"


def _title(name: str) -> str:
    return next((name.removesuffix(unit) for unit in _UNITS if name.endswith(unit)), name)


def shown(value: Any, *, widest: int = WIDEST) -> str:
    """A value on one line, without what could steer a terminal."""
    value = round(value, 1) if isinstance(value, float) else value
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = clean(text).translate(_ONE_LINE)
    return line if len(line) <= widest else line[: widest - 1] + "…"
