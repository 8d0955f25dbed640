"""Due moments against a naive oracle that looks at every minute, in zones with every kind of change of the clocks."""

import itertools
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.services.schedules.cron import CronInvalid, Timing, exists, first_instant, read_cron, zone_names, zone_of

MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Cairo",  # the gap swallows midnight
    "America/Santiago",  # the repeated hour is the last of the day
    "Asia/Kathmandu",
    "Pacific/Chatham",  # changes at 2:45
    "Africa/Casablanca",  # winter time in Ramadan
    "America/Havana",
)


def names(field: str, low: int, high: int) -> set[int]:
    """Which numbers one field of a plain expression means."""
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start, end = (low, high) if span == "*" else (int(first), int(last or first))
        found |= set(range(start, end + 1, int(step or 1)))
    return found


class Oracle:
    """Walks through real time minute by minute and reads the clock on the wall."""

    def __init__(self, cron: str, zone: ZoneInfo) -> None:
        minute, hour, day, month, weekday = cron.split()
        self.minutes, self.hours = names(minute, 0, 59), names(hour, 0, 23)
        self.days, self.months = names(day, 1, 31), names(month, 1, 12)
        self.weekdays = {number % 7 for number in names(weekday, 0, 7)}
        self.either_day = day != "*" and weekday != "*"  # as cron has it: the 13th, or a Friday
        self.zone = zone

    def is_wanted(self, wall: datetime) -> bool:
        by_date, by_weekday = wall.day in self.days, wall.isoweekday() % 7 in self.weekdays
        fits = by_date or by_weekday if self.either_day else by_date and by_weekday
        return wall.minute in self.minutes and wall.hour in self.hours and wall.month in self.months and fits

    def due(self, start: datetime, end: datetime) -> list[datetime]:
        found: list[datetime] = []
        shown: set[datetime] = set()
        is_every_hour = len(self.hours) == 24
        moment = start - timedelta(hours=3)
        before = moment.astimezone(self.zone).replace(tzinfo=None) - MINUTE
        while moment <= end:
            wall = moment.astimezone(self.zone).replace(tzinfo=None)
            skipped = [before + MINUTE * number for number in range(1, max(1, round((wall - before) / MINUTE)))]
            wanted = self.is_wanted(wall) and (is_every_hour or wall not in shown)
            if wanted or (not is_every_hour and any(self.is_wanted(gone) for gone in skipped)):
                found.append(moment)
            shown.add(wall)
            before, moment = wall, moment + MINUTE
        return [moment for moment in found if start < moment <= end]


@st.composite
def fields(draw: st.DrawFn, low: int, high: int) -> str:
    kind = draw(st.sampled_from(("*", "one", "list", "range", "step")))
    if kind == "*":
        return "*"
    if kind == "step":
        return f"*/{draw(st.sampled_from((2, 3, 5, 7, 15)))}"
    numbers = sorted(draw(st.sets(st.integers(low, high - 1), min_size=2, max_size=3)))
    return {"one": str(numbers[0]), "list": ",".join(map(str, numbers)), "range": f"{numbers[0]}-{numbers[-1]}"}[kind]


crons = st.tuples(fields(0, 59), fields(0, 23), fields(1, 31), st.just("*"), fields(0, 6)).map(" ".join)
CHANGES = (
    *("2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2026-04-05", "2026-10-04", "2026-04-24", "2026-10-30"),
    *("2026-09-06", "2026-09-27", "2026-02-15", "2026-03-22", "2028-02-29", "2026-12-31"),
)
changes = st.sampled_from(CHANGES).map(lambda day: datetime.fromisoformat(f"{day}T00:00+00:00"))


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(cron=crons, zone=st.sampled_from(ZONES), day=changes, minutes=st.integers(-1500, 200))
def test_due_moments_are_those_of_an_oracle_that_looks_at_every_minute(cron: str, zone: str, day: datetime, minutes: int) -> None:
    start = day + MINUTE * minutes
    end = start + timedelta(hours=28)
    expected = Oracle(cron, ZoneInfo(zone)).due(start, end)
    assert Timing(read_cron(cron), zone).between(start, end, limit=10_000) == expected


@settings(max_examples=15, deadline=None)
@given(cron=crons, zone=st.sampled_from(ZONES), day=changes, hours=st.integers(1, 2000), most=st.integers(0, 5))
def test_the_latest_moments_are_the_end_of_all_of_them(cron: str, zone: str, day: datetime, hours: int, most: int) -> None:
    timing, start = Timing(read_cron(cron), zone), day
    end = start + timedelta(hours=min(hours, 60))
    everything = timing.between(start, end, limit=100_000)
    assert timing.latest(start, end, limit=most) == (everything[-most:] if most else [])


@settings(max_examples=60, deadline=None)
@given(cron=crons, zone=st.sampled_from(ZONES), day=changes, minutes=st.integers(-3000, 3000))
def test_a_whole_day_at_once_gives_the_same_moments(cron: str, zone: str, day: datetime, minutes: int) -> None:
    timing, start = Timing(read_cron(cron), zone), day + MINUTE * minutes
    end = start + timedelta(days=1)
    assert timing.on_day(start, end) == timing.between(start - timedelta(seconds=1), end - timedelta(seconds=1), limit=2000)


def local(cron: str, zone: str, after: datetime, count: int) -> list[str]:
    found = Timing(read_cron(cron), zone).between(after, after + timedelta(days=4000), limit=count)
    return [f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M %Z}" for moment in found]


def test_a_time_that_the_clock_skips_happens_at_the_end_of_the_gap() -> None:
    day_before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert local("30 2 * * *", "Europe/Berlin", day_before, 2) == ["29 03:00 CEST", "30 02:30 CEST"]
    assert local("30 2,3 * * *", "Europe/Berlin", day_before, 2) == ["29 03:00 CEST", "29 03:30 CEST"]
    assert local("0 0 * * *", "Africa/Cairo", datetime(2026, 4, 23, 12, tzinfo=UTC), 1) == ["24 01:00 EEST"]


@pytest.mark.parametrize("time", ["30 1", "30 2", "0 3"])
def test_a_time_that_the_clock_shows_twice_happens_once(time: str) -> None:
    found = Timing(f"{time} * * *", "Europe/Berlin").between(
        datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC), limit=9
    )
    assert len(found) == 1
    assert local("30 2 * * *", "Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == ["25 02:30 CEST", "26 02:30 CET"]


def test_every_quarter_of_an_hour_follows_real_time_through_both_changes() -> None:
    timing = Timing("*/15 * * * *", "Europe/Berlin")
    for start in (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)):
        found = timing.between(start, start + timedelta(hours=12), limit=100)
        assert {after - before for before, after in itertools.pairwise(found)} == {timedelta(minutes=15)}


def test_the_leap_day_comes_every_four_years() -> None:
    timing = Timing("0 9 29 2 *", "Asia/Tokyo")
    found = timing.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC), limit=9)
    assert [moment.year for moment in found] == [2028, 2032, 2036]


def test_first_and_last_day_count_in_the_schedules_own_zone() -> None:
    timing = Timing("0 0,23 * * *", "Pacific/Auckland", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 2))
    found = timing.between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), limit=9)
    assert [f"{moment:%d %H:%M}" for moment in found] == ["30 12:00", "01 11:00", "01 12:00", "02 11:00"]
    assert timing.next_after(found[-1]) is None


def test_several_expressions_are_one_schedule() -> None:
    start = datetime(2026, 3, 3, tzinfo=UTC)
    found = Timing("0 9 * * *; 30 17 * * *; 0 9 * * 1", "UTC").between(start, start + timedelta(days=1), limit=9)
    assert [f"{moment:%H:%M}" for moment in found] == ["09:00", "17:30"]


def test_a_moment_is_due_or_not() -> None:
    timing = Timing("30 2 * * *", "Europe/Berlin")
    assert timing.is_due(datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
    assert not timing.is_due(datetime(2026, 3, 3, 1, 31, tzinfo=UTC))


def test_a_day_begins_after_a_gap_that_swallows_midnight() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    assert first_instant(date(2026, 4, 24), cairo) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert not exists(datetime.fromisoformat("2026-04-24T00:30"), cairo)
    assert exists(datetime.fromisoformat("2026-04-25T00:30"), cairo)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 0 30 2 *", "never happens"),
        ("* * * * * *", "Seconds"),
        ("1 2 3", "3 parts"),
        ("r * * * *", "cannot be read"),
        ("h * * * *", "cannot be read"),
        ("60 * * * *", "out of range"),
        ("*/0 * * * *", "step"),
        ("1" * 5000 + " * * * *", "cannot be read"),
        ("٣ * * * *", "cannot be read"),
        ("0 9 * * 1#6", "day_of_week"),
        ("; ".join(["* * * * *"] * 9), "one to 6"),
        ("0 9 * * mon; 0 9 * * nonday", "nonday"),
        ("", "one to 6"),
        ("\ud800 * * * *", "cannot be read"),
        ("0 9 * * 1-", "cannot be read"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(CronInvalid, match=words) as refused:
        read_cron(text)
    assert set(refused.value.fields) == {"wording"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789*/-,#?lLwWmontue @;\t", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    try:
        cron = read_cron(text)
    except CronInvalid:
        return
    Timing(cron, "Europe/Berlin").next_after(datetime(2026, 3, 3, tzinfo=UTC))


@pytest.mark.parametrize("name", ["", None, 7, "Mars/Phobos", "../etc/passwd", "localtime", "posix/UTC"])
def test_unknown_zones_are_refused(name: object) -> None:
    with pytest.raises(Invalid, match="time zone"):
        zone_of(name)


def test_the_list_of_zones_has_those_people_look_for() -> None:
    assert {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"} <= zone_names()
