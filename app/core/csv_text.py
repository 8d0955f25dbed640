"""Tables as CSV that spreadsheets open without taking a text for a formula."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from engine.json import JsonValue


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A head line and the rows."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: Any) -> str | int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = json.dumps(value, default=_json) if isinstance(value, dict) else value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _json(value: object) -> JsonValue:
    return value.isoformat() if isinstance(value, datetime) else str(value)
