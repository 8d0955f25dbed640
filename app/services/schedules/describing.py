"""Says back in words what a cron expression means, so that people see how they were understood."""

from functools import lru_cache

from cron_descriptor import ExpressionDescriptor, Options
from cron_descriptor.Exception import FormatError, MissingFieldError, WrongArgumentError

from app.services.schedules.cron import SEPARATOR


@lru_cache(maxsize=1024)
def describe_cron(cron: str) -> str:
    """One sentence without a full stop, such as "At 09:00, Monday through Friday"; the expression itself where words fail."""
    lines = [_describe_line(part) for line in cron.split(SEPARATOR) for part in _split_weekdays(line)]
    first, *others = lines
    return "; ".join([first, *(other[:1].lower() + other[1:] for other in others)])


def _split_weekdays(line: str) -> list[str]:
    """One expression per weekday where they are counted ("1#1,1#3"), which the library cannot put into one sentence."""
    head, weekdays = line.rsplit(" ", 1)
    return [f"{head} {day}" for day in weekdays.split(",")] if "#" in weekdays or "l" in weekdays else [line]


def _describe_line(line: str) -> str:
    options = Options()
    options.use_24hour_time_format = True
    options.locale_code = "en_US"
    try:
        text = ExpressionDescriptor(line.upper().replace("?", "*"), options).get_full_description()
    except (FormatError, MissingFieldError, WrongArgumentError, ValueError, IndexError):
        return line
    _, hour, day, month, weekday = line.split()
    if (day, weekday) == ("*", "*") and hour.replace(",", "").isdigit():
        text += ", every day" if month == "*" else ", every day in that month"
    return text.replace(", only on ", ", on ").replace(", only in ", ", in ").replace("on day 1 of", "on the 1st of")
