"""Turns run views into what tables and heads show; used by every page that lists runs."""

from dataclasses import dataclass
from datetime import datetime

from app.views import words
from app.views.runs import RunRow

ACTIVE = ("queued", "running", "waiting")


@dataclass(frozen=True)
class RunItem:
    """One run, ready to read."""

    id: str
    href: str
    title: str
    kind: str
    status: str
    note: str
    started: str
    started_at: str
    duration: str
    tokens: str
    cost: str
    by: str


def run_item(row: RunRow, *, now: datetime) -> RunItem:
    """Present one run; `note` says why it waits or why it failed."""
    note = row.error_message if row.status == "failed" else row.waiting_for
    return RunItem(
        id=str(row.id),
        href=f"/runs/{row.id}",
        title=row.title or "Untitled",
        kind="Chat turn" if row.kind == "chat" else "Workflow",
        status=row.status,
        note=note,
        started=words.ago(row.created_at, now=now),
        started_at=words.stamp(row.created_at),
        duration="" if row.status == "waiting" else words.duration(row.duration_ms),
        tokens=words.count(row.input_tokens + row.output_tokens),
        cost=words.money(row.cost_micros),
        by=row.started_by,
    )
