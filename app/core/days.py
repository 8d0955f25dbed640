"""Days as clients write them, for filters that take a span of days in UTC."""

from datetime import UTC, date, datetime, time, timedelta

from app.core.errors import Invalid


def read_day(value: object, field: str) -> date | None:
    """The day, None for nothing; raises Invalid naming the field."""
    if not value:
        return None
    try:
        day = date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError as error:
        raise Invalid("This is no day.", fields={field: "Write the day as 2026-01-31."}) from error
    if not 2000 <= day.year < 9000:
        raise Invalid("This is no day.", fields={field: "Choose a day of this century."})
    return day


def span_of(since: object, until: object) -> tuple[datetime | None, datetime | None]:
    """From the first moment of one day up to, not including, the first after the other; raises Invalid for an end before the beginning."""
    first, last = read_day(since, "since"), read_day(until, "until")
    if first and last and last < first:
        raise Invalid("The span ends before it begins.", fields={"until": "Choose a day on or after the first one."})
    after = last + timedelta(days=1) if last else None
    return _begin(first), _begin(after)


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
