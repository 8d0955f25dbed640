"""Turns run views into what tables and heads show; used by every page that lists runs."""

from dataclasses import dataclass
from datetime import datetime

from app.views import words
from app.views.runs import RunRow

ACTIVE = ("queued", "running", "waiting")
TRIGGERS = {
    "retry": "Run again",
    "fork": "Continued",
    "api": "API",
    "command": "Command line",
    "schedule": "Schedule",
    "webhook": "Webhook",
    "event": "Event",
    "parent": "Another run",
    "test": "Test",
}


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
    excerpt: str = ""
    waited: str = ""
    origin: str = ""
    trigger: str = ""
    is_dry: bool = False
    workflow_href: str = ""
    worked_ms: float = 0.0
    title_then: str = ""
    waited_ms: float = 0.0
    waits: bool = False
    waits_ms: float = 0.0
    wakes: str = ""


def waiting_note(row: RunRow) -> str:
    """Why the run waits, and how many others a worker takes before; "" when it does not wait."""
    if not row.waiting_for:
        return ""
    before = f" {words.count(row.ahead)} {'run is' if row.ahead == 1 else 'runs are'} before it." if row.ahead else ""
    return f"{row.waiting_for}{before}"


def run_item(row: RunRow, *, now: datetime) -> RunItem:
    """Present one run; `note` says why it waits or why it failed, `duration` is the time it did not only wait.

    While it `waits`, `waits_ms` is for how long already and `wakes` until when.
    """
    note = row.error_message if row.status == "failed" else waiting_note(row)
    waits = bool(row.waiting_for) and row.status in ("queued", "waiting") and row.waiting_since is not None
    wakes = row.wake_at is not None and row.wake_at > now and bool(row.waiting_for)
    return RunItem(
        id=str(row.id),
        href=f"/runs/{row.id}",
        title=row.title or "Untitled",
        kind="Chat turn" if row.kind == "chat" else "Workflow",
        status=row.status,
        note=note,
        started=words.ago(row.created_at, now=now),
        started_at=words.stamp(row.created_at),
        duration=words.duration(row.worked_ms),
        tokens=words.count(row.input_tokens + row.output_tokens),
        cost=words.money(row.cost_micros),
        by=row.started_by,
        excerpt=row.excerpt,
        waited=words.waited(row.waited_ms),
        origin=str(row.origin_run_id or ""),
        trigger=TRIGGERS.get(row.trigger, ""),
        is_dry=row.is_dry,
        workflow_href=f"/workflows/{row.workflow_id}" if row.workflow_id else "",
        worked_ms=round(row.worked_ms or 0.0),
        title_then=row.title_then,
        waited_ms=round(row.waited_ms),
        waits=waits,
        waits_ms=round((now - row.waiting_since).total_seconds() * 1000) if waits and row.waiting_since is not None else 0.0,
        wakes=f"Goes on {words.until(row.wake_at, now=now)} at the latest." if wakes and row.wake_at is not None else "",
    )
