"""Plain English into cron expressions: "every weekday at 9:00", "first Monday of the month at 8", "every 15 minutes from 9 to 17".

What is not understood, or what cron cannot say, is refused with a wording that works.
"""

import re
from dataclasses import dataclass, field

from app.services.schedules.cron import SEPARATOR, CronInvalid, read_cron

MAX_CHARS = 300
EXAMPLES = "every weekday at 9:00", "every 15 minutes", "first Monday of the month at 8", "on the 1st and 15th at 18:30"
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30}
_GROUPS = {
    "weekday": "1-5", "workday": "1-5", "business day": "1-5", "working day": "1-5",
    "weekend": "6,0", "weekend day": "6,0",
}  # fmt: skip

_DAY = r"(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?s?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_TIME = r"(?:\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|a\.m\.|p\.m\.|o'clock|h)?|noon|midday|midnight)"
_JOIN = r"(?:\s?,\s?and\s|\s?,\s?|\sand\s|\s?&\s?)"
_NTH = r"(?:first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th)"
_DATE = r"(?:\d{1,2}(?:st|nd|rd|th)|last day|first day)"
_AT = re.compile(rf"(?:\bat |^|\s)(?P<times>{_TIME}(?:{_JOIN}(?:at )?{_TIME})*)$")
_AT_FIRST = re.compile(rf"^(?:at )?(?P<times>{_TIME}(?:{_JOIN}(?:at )?{_TIME})*)(?= )")
_WINDOW = re.compile(rf"\b(?:between|from) (?P<low>{_TIME}) (?:and|to|until|till|-) (?P<high>{_TIME})\b")
_IN_MONTHS = re.compile(rf"\b(?:in|of|on)? ?(?P<months>{_MONTH}(?:{_JOIN}{_MONTH}|\s?(?:to|through|-)\s?{_MONTH})*)\b")
_EVERY = re.compile(
    r"\b(?:every|each|once (?:every|an?))\s?(?P<count>\d+|other|half(?: an)?|[a-z]+)?\s?(?P<unit>minutes?|mins?|hours?|hrs?)\b"
)
_PAST = re.compile(
    r"\b(?:at )?(?:(?:minute )?:?(?P<minute>\d{1,2})(?: minutes)?(?: past(?: the hour)?)?|on the hour|half past|quarter past)$"
)


@dataclass(slots=True)
class _Parts:
    """What has been found so far; `rest` is what nothing understood yet."""

    rest: str
    times: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    window: tuple[int, int] | None = None
    month: str = "*"
    day_of_month: str = "*"
    weekdays: str = "*"


def read_wording(text: object) -> str:
    """Cron expressions in canonical form for plain words or for cron itself; raises CronInvalid under `wording`."""
    if not isinstance(text, str) or not text.strip():
        raise CronInvalid(f"Say when it should run, for example: {EXAMPLES[0]}.")
    if len(text) > MAX_CHARS:
        raise CronInvalid(f"Use at most {MAX_CHARS} characters.")
    plain = _tidy(text)
    if _looks_like_cron(plain):
        return read_cron(plain)
    return read_cron(SEPARATOR.join(line for part in plain.split(";") if part.strip() for line in _understand(part.strip())))


def _tidy(text: str) -> str:
    lower = text.lower().replace("\u2013", "-").replace("\u2014", "-").replace("\u2019", "'")
    return re.sub(r"\s+", " ", lower).strip(" .!")


def _looks_like_cron(text: str) -> bool:
    """A star, or five to seven parts of which the first two are numbers: dates and times in words never look like that."""
    parts = text.split(";")[0].split()
    are_numbers = all(re.fullmatch(r"[\d*?,/-]+", part) for part in parts[:2])
    return text.startswith("@") or "*" in text or (are_numbers and 5 <= len(parts) <= 7)


def _understand(text: str) -> list[str]:
    _refuse_what_cron_cannot_say(text)
    parts = _Parts(re.sub(r"\b(?:please|run|sharp|local time|in the)\b ?", "", text).strip())
    _take_window(parts)
    interval = _take_interval(parts)
    if interval is not None:
        _take_days(parts)
        return _interval_lines(parts, *interval)
    if parts.window is not None:
        raise CronInvalid("Say how often within that span, for example: every 15 minutes from 9 to 17.")
    _take_times(parts)
    _take_days(parts)
    if not parts.times:
        raise CronInvalid(f"Say at what time, for example: {text} at 9:00.")
    by_minute: dict[int, list[int]] = {}
    for hour, minute in parts.times:
        by_minute.setdefault(minute, []).append(hour)
    days = f"{parts.day_of_month} {parts.month} {parts.weekdays}"
    return [f"{minute} {_listed(hours)} {days}" for minute, hours in sorted(by_minute.items())]


def _listed(numbers: list[int]) -> str:
    return ",".join(str(number) for number in sorted(set(numbers)))


def _refuse_what_cron_cannot_say(text: str) -> None:
    if re.search(r"\b(?:every|each) (?:other|second|2|two|3|three) (?:days?|weeks?)\b|\bfortnight|\bbi-?weekly\b", text):
        raise CronInvalid(
            "Every other day or week cannot be said, because months and years do not divide evenly. "
            "Name the days instead, for example: on the 1st and 15th at 9:00, or every Monday at 9:00."
        )
    if re.search(r"\bsec(?:ond)?s\b", text):
        raise CronInvalid("A schedule runs at most once a minute. Write: every minute.")


# -- times of day


def _take_window(parts: _Parts) -> None:
    found = _WINDOW.search(parts.rest)
    if found is None:
        return
    low, high = _time(found["low"]), _time(found["high"])
    if low[1] or high[1]:
        raise CronInvalid("Give the span in full hours, for example: every 15 minutes from 9 to 17.")
    parts.window = (low[0], high[0])
    parts.rest = _without(parts.rest, found)


def _take_times(parts: _Parts) -> None:
    found = _AT.search(parts.rest) or _AT_FIRST.search(parts.rest)
    if found is None:
        return
    pieces = re.split(_JOIN + r"(?:at )?", found["times"])
    is_bare = not found[0].lstrip().startswith("at ") and all(piece.isdigit() for piece in pieces)
    if is_bare:  # "the 1 and 15": days, not hours
        return
    parts.times = [_time(piece) for piece in pieces]
    parts.rest = (parts.rest[: found.start()] + " " + parts.rest[found.end() :]).strip(" ,")


def _time(text: str) -> tuple[int, int]:
    words = text.strip()
    if words in ("noon", "midday", "midnight"):
        return (0, 0) if words == "midnight" else (12, 0)
    found = re.fullmatch(r"(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm|a\.m\.|p\.m\.|o'clock|h)?", words)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
    half = (found[3] or "")[:1] if found else ""
    if half in ("a", "p"):
        if not 1 <= hour <= 12:
            raise CronInvalid(f"'{words}' is not a time. Write 9 am, 5:30 pm or 17:30.")
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        raise CronInvalid(f"'{words}' is not a time. Write it like 9:00 or 17:30.")
    return hour, minute


# -- intervals


def _take_interval(parts: _Parts) -> tuple[str, str] | None:
    """Minute and hour fields of "every 15 minutes" or "hourly at :10"."""
    text = re.sub(r"^hourly\b", "every hour", parts.rest)
    text = re.sub(r"^(?:every )?quarter(?: of an)? hour\b", "every 15 minutes", text)
    found = _EVERY.search(text)
    if found is None:
        return None
    count, unit = _count(found["count"]), found["unit"][0]
    rest = _without(text, found)
    if found["count"] in ("half", "half an"):
        count, unit = 30, "m"
    if unit == "m":
        _require_divisor(count, 60, "minutes", "1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30")
        parts.rest = rest
        return ("*" if count == 1 else "0" if count == 60 else f"*/{count}"), "*"
    _require_divisor(count, 24, "hours", "1, 2, 3, 4, 6, 8, 12")
    minute, parts.rest = _minute_past(rest)
    return str(minute), "*" if count == 1 else "0" if count == 24 else f"*/{count}"


def _count(text: str | None) -> int:
    if text is None or text in ("an", "a", "half", "half an"):
        return 1
    if text == "other":
        return 2
    if text.isdigit() and len(text) <= 4:
        return int(text)
    if text in _NUMBERS:
        return _NUMBERS[text]
    raise CronInvalid(f"'{text[:40]}' is not a number. Write for example: every 15 minutes.")


def _require_divisor(count: int, whole: int, unit: str, known: str) -> None:
    if count < 1 or whole % count:
        larger = "hour" if whole == 60 else "day"
        raise CronInvalid(f"Every {count} {unit} does not divide the {larger} evenly. Choose one of {known}.")


def _minute_past(text: str) -> tuple[int, str]:
    found = _PAST.search(text)
    if found is None:
        return 0, text
    words = found[0]
    minute = int(found["minute"]) if found["minute"] else 30 if "half" in words else 15 if "quarter" in words else 0
    if minute > 59:
        raise CronInvalid(f"'{words}' is not a minute of the hour. Write for example: every hour at :15.")
    return minute, text[: found.start()].strip(" ,")


def _interval_lines(parts: _Parts, minute: str, hour: str) -> list[str]:
    if parts.times:
        raise CronInvalid("Say either how often or at what time. For a span of the day write: every 15 minutes from 9 to 17.")
    if parts.window is None:
        return [f"{minute} {hour} {parts.day_of_month} {parts.month} {parts.weekdays}"]
    low, high = parts.window
    if low >= high:
        raise CronInvalid("The span of the day must end after it begins, for example: from 9 to 17.")
    step = f"/{hour[2:]}" if hour.startswith("*/") else ""
    days = f"{parts.day_of_month} {parts.month} {parts.weekdays}"
    if step or minute == "0":
        return [f"{minute} {low}-{high}{step} {days}"]
    last = [f"0 {high} {days}"] if minute.startswith("*") else []
    return [f"{minute} {f'{low}-{high - 1}' if high - 1 > low else low} {days}", *last]


# -- days


def _take_days(parts: _Parts) -> None:
    _take_months(parts)
    rest = re.sub(r"\bthe\s", "", parts.rest)
    rest = re.sub(r"\b(?:of )?(?:every|each|a|per)?\s?months?\b|\bmonthly\b|\b(?:every|each|once a) week\b|\bweekly\b|\bof\b", " ", rest)
    rest = re.sub(r"\b(?:every|each) year\b|\b(?:yearly|annually)\b|^year\b", " ", rest)
    if re.search(r"\bquarter(?:ly)?\b", rest) and parts.month == "*":
        parts.month, rest = "1,4,7,10", re.sub(r"\bquarter(?:ly)?\b", " ", rest)
    rest = re.sub(r"\s+", " ", re.sub(r"\b(?:on|every|each|only|morning|afternoon|evening|night)\b", " ", rest)).strip(" ,")
    if rest in ("", "day", "days", "daily"):
        _require_a_day(parts)
        return
    _read_days(parts, rest)


def _take_months(parts: _Parts) -> None:
    found = _IN_MONTHS.search(parts.rest)
    if found is None:
        return
    words = re.split(_JOIN, found["months"])
    parts.month = ",".join(_month_range(word) for word in words)
    parts.rest = _without(parts.rest, found)
    bare = re.search(r"\b(\d{1,2})(?!\w|:)", parts.rest)  # "1 march"
    if bare is not None and not re.search(_DATE, parts.rest):
        parts.rest = parts.rest[: bare.start()] + f"{bare[1]}th" + parts.rest[bare.end() :]


def _month_range(text: str) -> str:
    ends = [str(next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(word[:3]))) for word in re.findall(_MONTH, text)]
    return "-".join(ends)


def _require_a_day(parts: _Parts) -> None:
    if parts.month != "*" and parts.times and parts.day_of_month == "*" and "day" not in parts.rest and "daily" not in parts.rest:
        raise CronInvalid("Say on which day of the month, for example: on the 1st of March at 9:00, or every day in March at 9:00.")
    if re.search(r"\bmonth", parts.rest):
        raise CronInvalid("Say on which day of the month, for example: on the 1st of every month at 9:00.")
    if re.search(r"\bweek", parts.rest):
        raise CronInvalid("Say on which day of the week, for example: every Monday at 9:00.")


def _read_days(parts: _Parts, text: str) -> None:
    group = _GROUPS.get(text.removesuffix("s"))
    if group is not None:
        parts.weekdays = group
    elif re.fullmatch(rf"{_NTH}(?:{_JOIN}{_NTH})* {_DAY}", text):
        day = _weekday(text.rsplit(" ", 1)[1])
        numbers = [_ORDINALS[word] for word in re.split(_JOIN, text.rsplit(" ", 1)[0])]
        parts.weekdays = ",".join(f"l{day}" if number < 0 else f"{day}#{number}" for number in numbers)
    elif re.fullmatch(rf"{_DAY}(?:(?:{_JOIN}|\s?(?:to|through|-)\s?){_DAY})*", text):
        parts.weekdays = ",".join(_day_range(word) for word in re.split(_JOIN, text))
    elif text == "first weekday":
        parts.day_of_month = "1w"
    elif re.fullmatch(rf"{_DATE}(?:{_JOIN}{_DATE})*", text):
        parts.day_of_month = ",".join(_date(word) for word in re.split(_JOIN, text))
    else:
        raise CronInvalid(f"'{text[:60]}' was not understood. Write for example: {'; '.join(EXAMPLES)}; or a cron expression.")


def _weekday(text: str) -> int:
    return next(index for index, name in enumerate(_DAYS) if name.startswith(text[:3]))


def _day_range(text: str) -> str:
    ends = [_weekday(word) for word in re.findall(_DAY, text)]
    if len(ends) == 1:
        return str(ends[0])
    low, high = ends[0], ends[-1]
    return f"{low}-{high}" if low < high else ",".join(str(day % 7) for day in range(low, high + 8))


def _date(text: str) -> str:
    if text == "last day":
        return "l"
    number = 1 if text == "first day" else int(text[:-2])
    if not 1 <= number <= 31:
        raise CronInvalid(f"There is no {text} of a month. Use the 1st to the 31st, or the last day.")
    return str(number)


def _without(text: str, found: re.Match[str]) -> str:
    return re.sub(r"\s+", " ", text[: found.start()] + " " + text[found.end() :]).strip(" ,")
