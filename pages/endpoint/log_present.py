"""Turns messages and attempts into lines and panels."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from app.services.announcements import EVENTS, TEST
from app.views import words
from app.views.outgoing import AttemptRow, MessageDetail, MessageRow

_TITLES = EVENTS | {TEST: "A test by hand"}


@dataclass(frozen=True)
class MessageItem:
    """One line of the log."""

    id: str = ""
    when: str = ""
    stamp: str = ""
    title: str = ""
    event: str = ""
    status: str = ""
    note: str = ""
    attempts: str = ""
    answer: str = ""
    run_href: str = ""
    is_test: bool = False


@dataclass(frozen=True)
class AttemptItem:
    """One request that was sent."""

    title: str = ""
    when: str = ""
    is_good: bool = False
    note: str = ""
    headers: str = ""
    body: str = ""


@dataclass(frozen=True)
class MessagePanel:
    """One message opened."""

    item: MessageItem = field(default_factory=MessageItem)
    payload: str = ""
    attempts: list[AttemptItem] = field(default_factory=list[AttemptItem])
    can_replay: bool = False


def message_item(row: MessageRow, *, now: datetime) -> MessageItem:
    """Present one line; `note` says when it is tried next, or why it was given up."""
    note = row.last_error
    if row.status == "pending" and row.attempts and row.due_at:
        note = f"{row.last_error} Next attempt {words.until(row.due_at, now=now)}."
    return MessageItem(
        id=str(row.id),
        when=words.ago(row.created_at, now=now),
        stamp=words.stamp(row.created_at),
        title=_TITLES.get(row.event, row.event),
        event=row.event,
        status=row.status,
        note=note if row.status != "delivered" else "",
        attempts=str(row.attempts),
        answer=str(row.last_status or ""),
        run_href=f"/runs/{row.run_id}" if row.run_id else "",
        is_test=row.is_test,
    )


def message_panel(detail: MessageDetail, *, now: datetime) -> MessagePanel:
    """Present one opened message."""
    return MessagePanel(
        item=message_item(detail.row, now=now),
        payload=json.dumps(detail.payload, indent=2, ensure_ascii=False),
        attempts=[_attempt(item) for item in detail.attempts],
        can_replay=detail.can_replay,
    )


def _attempt(row: AttemptRow) -> AttemptItem:
    took = words.duration(row.duration_ms)
    return AttemptItem(
        title=f"Attempt {row.number}: {row.status or 'no answer'}" + (f" in {took}" if took else ""),
        when=words.stamp(row.at),
        is_good=not row.error,
        note=row.error,
        headers="\n".join(f"{name}: {value}" for name, value in row.response_headers.items()),
        body=row.response_excerpt,
    )
