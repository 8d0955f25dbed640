"""Cron expressions in a time zone: which moments they mean, right through every change of the clocks.

A time that names its hours happens once on every day it names: at the first of two equal clock times, and at the end of the gap when
the clock skips it. An expression for every hour follows real time instead, so it neither pauses nor repeats.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from croniter import croniter
from croniter.croniter import CroniterError

from app.core.errors import Invalid

SEPARATOR = "; "
MAX_LINES = 6
MAX_YEARS = 10  # the longest wait for a 29 February is eight years
_FIELD = re.compile(r"(?:\*|\?|[0-9a-z#]+(?:-[0-9a-z]+)?)(?:/[0-9]{1,2})?", re.ASCII)
_WORDS = re.compile(r"[a-z]+", re.ASCII)
_NAMES = {"sun", "mon", "tue", "wed", "thu", "fri", "sat", "l", "w"} | {
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
}
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_SECOND = timedelta(seconds=1)
_STEP = timedelta(hours=6)  # no zone changes its clocks twice within it


class CronInvalid(Invalid):
    """The expression is not one, or its moment never comes."""

    code = "cron_invalid"

    def __init__(self, message: str) -> None:
        super().__init__(message, fields={"wording": message})


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """The IANA names this machine knows."""
    return frozenset(name for name in available_timezones() if name != "localtime" and not name.startswith(("posix/", "right/")))


def zone_of(name: object) -> ZoneInfo:
    """The zone, or Invalid naming the field."""
    if not isinstance(name, str) or name not in zone_names():
        message = "Choose a time zone from the list, such as Europe/Berlin or UTC."
        raise Invalid(message, fields={"time_zone": message})
    return ZoneInfo(name)


def read_cron(text: str) -> str:
    """The expressions in canonical form, separated by semicolons; raises CronInvalid that says which part is wrong."""
    lines = [line.strip().lower() for line in text.split(";") if line.strip()]
    if not lines or len(lines) > MAX_LINES:
        raise CronInvalid(f"Give one to {MAX_LINES} cron expressions, separated by semicolons.")
    return SEPARATOR.join(dict.fromkeys(_read_line(line) for line in lines))


def _read_line(line: str) -> str:
    fields = _ALIASES.get(line, line).split()
    shown = line[:60]
    if len(fields) != 5:
        what = "Seconds and years are not possible; " if len(fields) in (6, 7) else ""
        raise CronInvalid(f"'{shown}' has {len(fields)} parts. {what}write five: minute, hour, day of month, month, day of week.")
    for field in fields:
        _check_field(field)
    expression = " ".join(fields)
    try:
        _iterator(expression, datetime(2024, 1, 1)).get_next(datetime)  # noqa: DTZ001 - wall-clock time
    except (CroniterError, ValueError, KeyError, IndexError, TypeError) as error:
        if "failed to find" in str(error):
            raise CronInvalid(f"'{shown}' never happens: no such day exists.") from error
        raise CronInvalid(f"'{shown}' is not a valid cron expression: {_plain(error)}.") from error
    return expression


def _check_field(field: str) -> None:
    parts = field.split(",")
    is_sound = len(field) <= 100 and all(_FIELD.fullmatch(part) for part in parts)
    unknown = [word for word in _WORDS.findall(field) if word not in _NAMES]
    if not is_sound or unknown:
        raise CronInvalid(f"The part '{field[:40]}' cannot be read. Use numbers, lists 1,15, ranges 1-5, steps */10, names mon or jan.")


def _plain(error: Exception) -> str:
    return re.sub(r"^\[.*?\] (?:is )?", "", str(error))[:120].rstrip(".") or "check its parts"


def _iterator(expression: str, start: datetime) -> croniter:
    return croniter(expression, start, max_years_between_matches=MAX_YEARS)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a schedule is due: expressions as `read_cron` gives them, a zone, and first and last day there."""

    cron: str
    time_zone: str
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The schedule's own zone."""
        return ZoneInfo(self.time_zone)

    def next_after(self, moment: datetime) -> datetime | None:
        """The first due moment after this one, in UTC; None when there is none any more."""
        zone = self.zone
        if self.starts_on is not None:
            moment = max(moment, first_instant(self.starts_on, zone) - _SECOND)
        found = [due for line in self.cron.split(SEPARATOR) if (due := _next_after(line, zone, moment)) is not None]
        due = min(found, default=None)
        if due is None or (self.ends_on is not None and due.astimezone(zone).date() > self.ends_on):
            return None
        return due

    def is_due(self, moment: datetime) -> bool:
        """Whether this very moment is one."""
        return self.next_after(moment - _SECOND) == moment

    def between(self, after: datetime, until: datetime, *, limit: int) -> list[datetime]:
        """The first due moments after `after` and not after `until`, at most `limit`."""
        found: list[datetime] = []
        due = self.next_after(after)
        while due is not None and due <= until and len(found) < limit:
            found.append(due)
            due = self.next_after(due)
        return found

    def on_day(self, start: datetime, end: datetime) -> list[datetime]:
        """All due moments from `start` to before `end`, which lie about a day apart; cheap for one every minute, too."""
        zone = self.zone
        offset = offset_at(start, zone)
        if self.starts_on or self.ends_on or _change_between(start - _STEP, end + _STEP, zone) is not None:
            return self.between(start - _SECOND, end - _SECOND, limit=2 * 24 * 60)
        low, high = wall_time(start, zone), wall_time(end, zone)
        walls = {wall for line in self.cron.split(SEPARATOR) for wall in _walls(line, low, high)}
        return [wall.replace(tzinfo=UTC) - offset for wall in sorted(walls)]

    def latest(self, after: datetime, until: datetime, *, limit: int) -> list[datetime]:
        """The last due moments after `after` and not after `until`, at most `limit`, oldest first; cheap however long the span is."""
        span = timedelta(hours=1)
        while True:
            start = max(after, until - span)
            found = self.between(start, until, limit=100_000)
            if len(found) >= limit or start == after:
                return found[-limit:] if limit else []
            span *= 2


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there; where the clock skips midnight, it begins after the gap."""
    return _instant(datetime(day.year, day.month, day.day), zone)  # noqa: DTZ001 - wall-clock time


def _next_after(line: str, zone: ZoneInfo, moment: datetime) -> datetime | None:
    try:
        return _next_in_real_time(line, zone, moment) if _is_every_hour(line) else _next_by_the_clock(line, zone, moment)
    except (CroniterError, OverflowError):
        return None


def _walls(line: str, low: datetime, high: datetime) -> list[datetime]:
    """What the clock shows at each moment of the expression from `low` to before `high`."""
    days = line.split()[2:]
    numbers = croniter.expand(line)[0]
    times = [
        (hour, minute)
        for hour in (range(24) if numbers[1] == ["*"] else numbers[1])
        for minute in (range(60) if numbers[0] == ["*"] else numbers[0])
    ]
    found: list[datetime] = []
    day = low.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < high:
        if _iterator(f"0 0 {' '.join(days)}", day - _SECOND).get_next(datetime) == day:
            found.extend(wall for hour, minute in times if low <= (wall := day.replace(hour=int(hour), minute=int(minute))) < high)
        day += timedelta(days=1)
    return found


@lru_cache(maxsize=4096)
def _is_every_hour(line: str) -> bool:
    hours = croniter.expand(line)[0][1]
    return hours == ["*"] or len(hours) == 24


def _next_by_the_clock(line: str, zone: ZoneInfo, moment: datetime) -> datetime:
    """Each wall-clock time once: instants rise with wall-clock times, so the first one that lies after the moment is it."""
    iterator = _iterator(line, wall_time(moment, zone))
    while True:
        instant = _instant(iterator.get_next(datetime), zone)
        if instant > moment:
            return instant


def _next_in_real_time(line: str, zone: ZoneInfo, moment: datetime) -> datetime:
    """Within a span of one offset, wall-clock time and real time go together; at a change of the clocks it begins anew."""
    while True:
        offset = offset_at(moment, zone)
        wall = _iterator(line, (moment + offset).replace(tzinfo=None)).get_next(datetime)
        candidate = wall.replace(tzinfo=UTC) - offset
        change = _change_between(moment, candidate, zone)
        if change is None:
            return candidate
        wall_before = (change + offset_at(change, zone) - _SECOND).replace(tzinfo=None)
        wall = _iterator(line, wall_before).get_next(datetime)
        candidate = wall.replace(tzinfo=UTC) - offset_at(change, zone)
        if candidate == change:
            return candidate
        moment = change


def _change_between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant after `low` and not after `high` with another offset than `low` has."""
    offset = offset_at(low, zone)
    while low < high:
        step = min(low + _STEP, high)
        if offset_at(step, zone) != offset:
            return _first_with_other_offset(low, step, zone)
        low = step
    return None


def _first_with_other_offset(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    offset = offset_at(low, zone)
    while high - low > _SECOND:
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        if offset_at(middle, zone) == offset:
            low = middle
        else:
            high = middle
    return high


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clock shows this: the first time if it does twice, the end of the gap if it never does."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall_time(instant, zone) == wall:
        return instant
    return _first_with_other_offset(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def clock_note(timing: Timing, moment: datetime) -> str:
    """What a change of the clocks does to a due moment, or ""."""
    zone = timing.zone
    wall = wall_time(moment, zone)
    lines = [line for line in timing.cron.split(SEPARATOR) if not _is_every_hour(line)]
    if not lines or offset_at(moment - _STEP, zone) == offset_at(moment + _STEP, zone):
        return ""
    if all(_iterator(line, wall - _SECOND).get_next(datetime) != wall for line in timing.cron.split(SEPARATOR)):
        return f"The clocks go forward and skip the time meant, so it runs at {wall:%H:%M}."
    if wall.replace(tzinfo=zone, fold=0).utcoffset() != wall.replace(tzinfo=zone, fold=1).utcoffset():
        return f"The clocks go back, so {wall:%H:%M} comes twice. It runs once, the first time."
    return ""


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock ever shows this time."""
    return wall_time(wall.replace(tzinfo=zone).astimezone(UTC), zone) == wall


def wall_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock shows there, without a zone."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def offset_at(moment: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clock there is ahead of UTC."""
    return moment.astimezone(zone).utcoffset() or timedelta()
