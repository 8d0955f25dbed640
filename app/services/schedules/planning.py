"""Which of the moments that came due run, and which are passed over because nobody was there in time: pure arithmetic."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.schedules.cron import Timing
from models.schedule import MissedPolicy

ON_TIME_S = 120.0  # a moment is missed when nobody dealt with it for this long
COUNTED = 500  # longer spans of missed moments are told as "more than 500"
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Passed:
    """A span of missed moments that do not run."""

    first: datetime
    last: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Due:
    """A moment that runs; `is_late` ones make up for missed ones."""

    at: datetime
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class DuePlan:
    """What to do now, and the first moment still to come."""

    passed: Passed | None
    due: tuple[Due, ...]
    next_at: datetime | None


def plan_due(timing: Timing, next_at: datetime, *, now: datetime, missed: str, most: int) -> DuePlan:
    """Deal with everything from `next_at` up to now. `most` bounds how many missed moments are made up for."""
    border = now - timedelta(seconds=ON_TIME_S)
    before = next_at - _SECOND
    on_time = timing.between(max(before, border), now, limit=10)
    made_up = _made_up(timing, before, border, missed=missed, most=most, is_followed=bool(on_time))
    passed = _passed(timing, before, (made_up[0] - _SECOND) if made_up else border)
    due = (*(Due(at, is_late=True) for at in made_up), *(Due(at) for at in on_time))
    return DuePlan(passed, due, timing.next_after(max(now, before)))


def _made_up(timing: Timing, before: datetime, border: datetime, *, missed: str, most: int, is_followed: bool) -> list[datetime]:
    """One run for all that was missed is the one on time, if there is one."""
    if border <= before or missed == MissedPolicy.SKIP or (missed == MissedPolicy.ONE and is_followed):
        return []
    return timing.latest(before, border, limit=1 if missed == MissedPolicy.ONE else most)


def _passed(timing: Timing, before: datetime, until: datetime) -> Passed | None:
    found = timing.between(before, until, limit=COUNTED + 1) if until > before else []
    if not found:
        return None
    last = found[-1] if len(found) <= COUNTED else timing.latest(before, until, limit=1)[0]
    return Passed(found[0], last, len(found))
