"""Turns deliveries into lines and panels."""

import json
from dataclasses import dataclass
from datetime import datetime

from app.views import words
from app.views.webhooks import DeliveryDetail, DeliveryRow
from engine.json import JsonObject

CODES = {
    "missing_secret": "no secret",
    "bad_secret": "wrong secret",
    "bad_signature": "bad signature",
    "too_many_requests": "too fast",
}


@dataclass(frozen=True)
class DeliveryItem:
    """One line of the log."""

    id: str = ""
    when: str = ""
    stamp: str = ""
    verdict: str = ""
    what: str = ""
    note: str = ""
    run_href: str = ""
    run_status: str = ""
    answer: str = ""
    took: str = ""


@dataclass(frozen=True)
class DeliveryPanel:
    """One delivery opened."""

    item: DeliveryItem = DeliveryItem()
    address: str = ""
    headers: str = ""
    query: str = ""
    content_type: str = ""
    body: str = ""
    response: str = ""
    dedupe_key: str = ""
    can_replay: bool = False
    replay_problem: str = ""


def delivery_item(row: DeliveryRow, *, now: datetime) -> DeliveryItem:
    """Present one line."""
    marks = [text for text, is_on in (("test", row.is_test), ("replay", row.is_replay)) if is_on]
    return DeliveryItem(
        id=str(row.id),
        when=words.ago(row.created_at, now=now),
        stamp=words.stamp(row.created_at),
        verdict=row.verdict,
        what=" · ".join([row.method, *([] if row.code == "too_large" and not row.size else [f"{row.size:,} bytes"]), *marks]),
        note=row.message or CODES.get(row.code, row.code.replace("_", " ")),
        run_href=f"/runs/{row.run_id}" if row.run_id else "",
        run_status=row.run_status,
        answer=str(row.response_status or ""),
        took=words.duration(row.duration_ms),
    )


def delivery_panel(detail: DeliveryDetail, *, now: datetime) -> DeliveryPanel:
    """Present one opened delivery; the body indented where it is JSON."""
    return DeliveryPanel(
        item=delivery_item(detail.row, now=now),
        address=detail.address,
        headers=_lines(detail.headers, ": "),
        query=_lines(detail.query, " = "),
        content_type=detail.content_type,
        body=_pretty(detail.excerpt),
        response=_pretty(detail.response_excerpt),
        dedupe_key=detail.dedupe_key,
        can_replay=detail.can_replay,
        replay_problem=detail.replay_problem,
    )


def _lines(pairs: JsonObject, between: str) -> str:
    return "\n".join(f"{name}{between}{value}" for name, value in pairs.items())


def _pretty(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
