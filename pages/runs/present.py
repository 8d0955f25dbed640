"""Turns run views into what tables and heads show; used by every page that lists runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.views import words
from app.views.runs import ApprovalCard, RunRow

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


def run_item(row: RunRow, *, now: datetime, approvals: Sequence[ApprovalCard] = ()) -> RunItem:
    """Present one run; `note` says why it waits or why it failed. With its approvals, work and waiting for people are told apart."""
    waited = waited_ms(approvals, until=row.finished_at or now)
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
        duration=_time(row, waited),
        tokens=words.count(row.input_tokens + row.output_tokens),
        cost=words.money(row.cost_micros),
        by=row.started_by,
    )


def waited_ms(approvals: Sequence[ApprovalCard], *, until: datetime) -> float:
    """How long a run waited for people; decisions asked at the same time count once."""
    total, reached = 0.0, None
    for card in sorted(approvals, key=lambda card: card.created_at):
        start = card.created_at if reached is None else max(card.created_at, reached)
        end = max(start, min(card.decided_at or until, until))
        total += (end - start).total_seconds() * 1000
        reached = end
    return total


def _time(row: RunRow, waited: float) -> str:
    if row.status == "waiting" or row.duration_ms is None:
        return ""
    if not waited:
        return words.duration(row.duration_ms)
    return f"{words.duration(max(0.0, row.duration_ms - waited))} of work, {words.duration(waited)} waiting for people"
