"""Date and time: what day it is, in which time zone, and how far apart two moments are; models guess these wrong."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from engine.errors import Permanent
from engine.json import JsonObject, JsonValue
from engine.ports import Clock, ToolSchema

_MAX = 1_000_000


class DateTime:
    """`date_time`: now, add, difference."""

    schema = ToolSchema(
        "date_time",
        "Tells the current date and time in a time zone, adds to a date, or gives the difference between two. Use it whenever the date of "
        "today matters.",
        {
            "type": "object",
            "properties": {
                "operation": {"type": "string", "enum": ["now", "add", "difference"]},
                "timezone": {"type": "string", "description": "IANA name such as Europe/Berlin. Default: UTC."},
                "moment": {"type": "string", "description": "Date or date and time, such as 2026-03-31 or 2026-03-31T09:00. Default: now."},
                "other": {"type": "string", "description": "The second moment, for difference."},
                "years": {"type": "integer"},
                "months": {"type": "integer"},
                "weeks": {"type": "number"},
                "days": {"type": "number"},
                "hours": {"type": "number"},
                "minutes": {"type": "number"},
            },
            "required": ["operation"],
            "additionalProperties": False,
        },
        reads_only=True,
    )

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def call(self, arguments: JsonObject) -> JsonValue:
        """The moment in several spellings, or the difference in several units."""
        zone = _zone(str(arguments.get("timezone") or "UTC"))
        read = partial(_moment, zone=zone, now=self._clock.now())
        moment = read(arguments.get("moment"))
        if arguments["operation"] == "now":
            return _spell(self._clock.now().astimezone(zone))
        if arguments["operation"] == "add":
            return _spell(_add(moment, arguments))
        if not arguments.get("other"):
            raise Permanent("bad_arguments", "Give 'other', the second moment.")
        return _difference(moment, read(arguments["other"]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Permanent("bad_arguments", f"There is no time zone '{name[:60]}'. Use an IANA name such as Europe/Berlin.") from None


def _moment(value: JsonValue, *, zone: ZoneInfo, now: datetime) -> datetime:
    if not value:
        return now.astimezone(zone)
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise Permanent("bad_arguments", f"'{str(value)[:40]}' is not a date. Write 2026-03-31 or 2026-03-31T09:00.") from None
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def _add(moment: datetime, arguments: JsonObject) -> datetime:
    amounts = {unit: arguments.get(unit) or 0 for unit in ("years", "months", "weeks", "days", "hours", "minutes")}
    if any(abs(amount) > _MAX for amount in amounts.values()):
        raise Permanent("bad_arguments", "The amount is too large.")
    try:
        months = moment.month - 1 + int(amounts["months"]) + 12 * int(amounts["years"])
        year, month = moment.year + months // 12, months % 12 + 1
        shifted = moment.replace(year=year, month=month, day=min(moment.day, _days(year, month)))
        shifted += timedelta(weeks=amounts["weeks"], days=amounts["days"])
        exact = shifted.astimezone(UTC) + timedelta(hours=amounts["hours"], minutes=amounts["minutes"])
        return exact.astimezone(moment.tzinfo)
    except (ValueError, OverflowError):
        raise Permanent("bad_arguments", "The result lies outside the years 1 to 9999.") from None


def _days(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return 31 if following is None else (following - date(year, month, 1)).days


def _spell(moment: datetime) -> JsonObject:
    return {
        "iso": moment.isoformat(timespec="seconds"),
        "date": moment.date().isoformat(),
        "time": moment.strftime("%H:%M:%S"),
        "weekday": moment.strftime("%A"),
        "week": moment.isocalendar().week,
        "timezone": str(moment.tzinfo),
        "unix": int(moment.timestamp()),
    }


def _difference(start: datetime, end: datetime) -> JsonObject:
    seconds = (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds()
    days = (end.date() - start.date()).days
    return {"seconds": seconds, "hours": round(seconds / 3600, 4), "days": round(seconds / 86_400, 4), "calendar_days": days}
