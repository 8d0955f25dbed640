"""Turns schedules and their fires into what the pages about triggers show; every moment is told in the schedule's own zone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from app.views.schedules import FireRow, ScheduleRow
from app.views.words import until

OUTCOMES = {
    "started": ("Started", "running"),
    "queued": ("Waits", "queued"),
    "skipped": ("Passed over", "skipped"),
    "failed": ("Not started", "failed"),
    "due": ("Planned", "planned"),
}
RUN_WORDS = {"succeeded": "Succeeded", "failed": "Run failed", "cancelled": "Run stopped", "running": "Running", "queued": "Queued"}


@dataclass(frozen=True)
class ScheduleItem:
    """One line of the list; `status` is active, paused, over or off."""

    id: str = ""
    href: str = ""
    edit_href: str = ""
    name: str = ""
    workflow: str = ""
    workflow_href: str = ""
    said: str = ""
    zone: str = ""
    status: str = ""
    note: str = ""
    next_in: str = ""
    next_at: str = ""
    owner: str = ""
    last_words: str = ""
    last_status: str = ""
    last_at: str = ""
    last_href: str = ""


@dataclass(frozen=True)
class FireItem:
    """One moment that came due."""

    id: str
    at: str
    words: str
    status: str
    note: str
    href: str


def stamp(moment: datetime | None, zone: ZoneInfo, *, with_year: bool = False) -> str:
    """Such as "Tue 31 Mar, 09:00" there; "" for None."""
    if moment is None:
        return ""
    there = moment.astimezone(zone)
    return f"{there:%a} {there.day} {there:%b}{f' {there.year}' if with_year else ''}, {there:%H:%M}"


def schedule_item(row: ScheduleRow, *, now: datetime) -> ScheduleItem:
    """Present one schedule."""
    zone = ZoneInfo(row.time_zone)
    words, status = outcome_words(row.last) if row.last else ("", "")
    state = "paused" if not row.is_enabled else "over" if row.is_finished else "active"
    return ScheduleItem(
        id=str(row.id),
        href=f"/triggers/schedules/{row.id}",
        edit_href=f"/triggers/schedules/{row.id}/edit",
        name=row.name,
        workflow=row.workflow_name or "Deleted workflow",
        workflow_href="" if row.is_workflow_deleted else f"/workflows/{row.workflow_id}",
        said=row.said,
        zone=row.time_zone,
        status="off" if row.disabled_reason else state,
        note=row.disabled_reason,
        next_in=until(row.next_at, now=now),
        next_at=stamp(row.next_at, zone),
        owner=row.owner,
        last_words=words,
        last_status=status,
        last_at=stamp(row.last.due_at, zone) if row.last else "",
        last_href=_run_href(row.last) if row.last else "",
    )


def outcome_words(fire: FireRow) -> tuple[str, str]:
    """What became of a moment, in words and as a status colour; the run's own fate once it started."""
    if fire.outcome == "started" and fire.run_status:
        return RUN_WORDS.get(fire.run_status, fire.run_status.capitalize()), fire.run_status
    return OUTCOMES.get(fire.outcome, (fire.outcome, "skipped"))


def fire_item(fire: FireRow, zone: ZoneInfo) -> FireItem:
    """Present one fire; a span of missed moments names its first and its last."""
    words, status = outcome_words(fire)
    at = stamp(fire.due_at, zone, with_year=True)
    if fire.until is not None:
        at = f"{at} to {stamp(fire.until, zone)}"
    count = f" ({fire.count} moments)" if fire.count > 1 else ""
    note = fire.reason or ("Run by hand" if fire.is_manual else "")
    return FireItem(str(fire.id), at, f"{words}{count}", status, note, _run_href(fire) if fire.outcome == "started" else "")


def _run_href(fire: FireRow) -> str:
    return f"/runs/{fire.run_id}" if fire.run_id else ""
