"""Puts the entries of the calendar into the days of the viewer's zone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from app.views.schedules import CalendarEntry
from pages.triggers.present import OUTCOMES, RUN_WORDS


@dataclass(frozen=True)
class CalendarItem:
    """One moment, or a whole day of a frequent schedule; `status` colours it."""

    at: str
    name: str
    status: str
    words: str
    href: str


@dataclass(frozen=True)
class CalendarDay:
    """One day with what is on it."""

    key: str
    weekday: str
    day: str
    is_today: bool = False
    is_past: bool = False
    moments: list[CalendarItem] = field(default_factory=list[CalendarItem])


def calendar_days(entries: Sequence[CalendarEntry], *, first: date, count: int, zone: ZoneInfo, today: date) -> list[CalendarDay]:
    """`count` days from `first` on."""
    by_day: dict[date, list[CalendarItem]] = {}
    for entry in entries:
        by_day.setdefault(entry.at.astimezone(zone).date(), []).append(_item(entry, zone))
    days = [first + timedelta(days=number) for number in range(count)]
    return [
        CalendarDay(day.isoformat(), f"{day:%a}", f"{day.day} {day:%b}", day == today, day < today, by_day.get(day, [])) for day in days
    ]


def title_of(first: date, count: int) -> str:
    """Such as "30 Mar to 12 Apr 2026"."""
    last = first + timedelta(days=count - 1)
    return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"


def _item(entry: CalendarEntry, zone: ZoneInfo) -> CalendarItem:
    at = f"{entry.at.astimezone(zone):%H:%M}"
    words, status = OUTCOMES.get(entry.outcome, (entry.outcome, "skipped"))
    if entry.outcome == "started" and entry.run_status:
        words, status = RUN_WORDS.get(entry.run_status, words), entry.run_status
    until = f" from {at} to {entry.last_at.astimezone(zone):%H:%M}" if entry.last_at else ""
    many = f", {entry.count:,} moments{until}" if entry.count > 1 else ""
    reason = f": {entry.reason}" if entry.reason else ""
    href = f"/runs/{entry.run_id}" if entry.run_id and entry.outcome == "started" else f"/triggers/schedules/{entry.schedule_id}"
    shown = f"{entry.count:,}×" if entry.count > 1 else at  # noqa: RUF001 - so many times
    return CalendarItem(shown, entry.name, status, f"{words}{many}{reason}", href)
