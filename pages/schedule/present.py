"""Turns one schedule into what its page and its form show."""

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from app.views.schedules import ScheduleDetail, TimingPreview, Why
from pages.triggers.present import stamp

MISSED = {"skip": "Pass them over", "one": "Run once for all of them", "all": "Run each of them, up to a number"}
OVERLAP = {"skip": "Pass the new one over", "queue": "Wait until the run before has ended", "allow": "Run both at once"}
_TONES = {"ran": "green", "ran_by_hand": "green", "will_run": "green", "queued": "blue", "in_progress": "blue"}


@dataclass(frozen=True)
class NextFire:
    """A moment to come, and what the clocks do to it."""

    at: str
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """A line of a definition list."""

    label: str
    value: str


@dataclass(frozen=True)
class Answer:
    """The answer to "why did it (not) run then?"."""

    headline: str = ""
    tone: str = "neutral"
    details: list[str] = field(default_factory=list[str])
    around: str = ""
    run_href: str = ""


def next_fires(preview: TimingPreview, zone: ZoneInfo) -> list[NextFire]:
    """The next moments as the clocks there show them."""
    return [NextFire(stamp(moment, zone, with_year=True), preview.notes.get(moment, "")) for moment in preview.fires]


def facts(detail: ScheduleDetail) -> list[Fact]:
    """What the schedule is, line by line."""
    row = detail.row
    missed = MISSED[detail.missed] if detail.missed != "all" else f"Run each of them, at most {detail.most_missed}"
    lines = [
        Fact("When", row.said),
        Fact("Typed as", row.wording),
        Fact("Cron", row.cron),
        Fact("Time zone", row.time_zone),
        Fact("First day", _day(detail.starts_on)),
        Fact("Last day", _day(detail.ends_on)),
        Fact("Missed moments", missed),
        Fact("While a run is going", OVERLAP[detail.overlap]),
        Fact("Runs in the name of", row.owner or "nobody any more"),
    ]
    return [line for line in lines if line.value and not (line.label == "Typed as" and line.value == row.cron)]


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else ""


def answer_of(why: Why, zone: ZoneInfo) -> Answer:
    """The answer with the moments around it, so that a near miss is seen at once."""
    around = [
        f"before: {stamp(why.before, zone, with_year=True)}" if why.before else "",
        f"after: {stamp(why.after, zone, with_year=True)}",
    ]
    if why.after is None:
        around.pop()
    told = ", ".join(text for text in around if text)
    tone = _TONES.get(why.verdict, "red" if why.verdict.startswith("failed") else "amber")
    run = why.fire.run_id if why.fire else None
    return Answer(why.headline, tone, list(why.details), f"Moments around it: {told}." if told else "", f"/runs/{run}" if run else "")
