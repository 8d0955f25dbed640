"""Numbers and moments as people read them; page states use these when they turn views into what is shown."""

from datetime import date, datetime


def ago(moment: datetime | None, *, now: datetime) -> str:
    """Return "just now", "5 min ago", "3 h ago", "yesterday", "4 days ago" or the date."""
    if moment is None:
        return ""
    seconds = (now - moment).total_seconds()
    if seconds < 0:
        return until(moment, now=now)
    if seconds < 45:
        return "just now"
    if seconds < 3570:
        return f"{max(1, round(seconds / 60))} min ago"
    if seconds < 86_400:
        return f"{round(seconds / 3600)} h ago"
    days = int(seconds // 86_400)
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 14 else day(moment)


def day(moment: date | None) -> str:
    """Return "3 Apr 2026"; "" for None."""
    return f"{moment:%d %b %Y}".lstrip("0") if moment else ""


def long_day(moment: date | None) -> str:
    """Return "3 April 2026", as in sentences and documents; "" for None."""
    return f"{moment:%d %B %Y}".lstrip("0") if moment else ""


def until(moment: datetime | None, *, now: datetime) -> str:
    """Return "in 5 min", "in 3 h", "in 4 days", or "now" for what is due."""
    if moment is None:
        return ""
    seconds = (moment - now).total_seconds()
    if seconds <= 0:
        return "now"
    if seconds < 90:
        return f"in {round(seconds)} s"
    if seconds < 5400:
        return f"in {round(seconds / 60)} min"
    if seconds < 129_600:
        return f"in {round(seconds / 3600)} h"
    return f"in {round(seconds / 86_400)} days"


def duration(milliseconds: float | None) -> str:
    """Return "<1 ms", "12 ms", "1.4 s", "2 min 5 s" or "3 h 10 min"; "" for None."""
    if milliseconds is None:
        return ""
    if milliseconds < 1:
        return "<1 ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


SHORTEST_WAIT_MS = 500.0  # shorter ones are the worker's, not a person's


def waited(milliseconds: float) -> str:
    """Return how long something only waited; "" when that is not worth saying."""
    return duration(milliseconds) if milliseconds >= SHORTEST_WAIT_MS else ""


def work_and_wait(work_ms: float | None, waited_ms: float) -> str:
    """Return "1.4 s", "1.4 s + 2 min waiting" or "2 min waiting": times of work and of waiting are never added up."""
    work, wait = duration(work_ms), waited(waited_ms)
    if not wait:
        return work
    is_idle = work_ms is None or work_ms < SHORTEST_WAIT_MS
    return f"{wait} waiting" if is_idle else f"{work} + {wait} waiting"


def money(micros: int) -> str:
    """Return US dollars: "$0" for nothing, at least two significant digits for small sums."""
    if micros == 0:
        return "$0"
    dollars = micros / 1_000_000
    if dollars >= 1:
        return f"${dollars:,.2f}"
    if dollars >= 0.01:
        return f"${dollars:.3f}"
    return f"${dollars:.6f}".rstrip("0")


def count(number: int) -> str:
    """Return "950", "1.2k", "34k" or "1.3M"."""
    if number < 1000:
        return str(number)
    if number < 999_500:
        thousands = number / 1000
        return f"{thousands:.1f}k" if thousands < 9.95 else f"{thousands:.0f}k"
    return f"{number / 1_000_000:.1f}M"


def stamp(moment: datetime | None) -> str:
    """Return "3 Apr 2026, 14:05:09 UTC"; "" for None."""
    return f"{day(moment)}, {moment:%H:%M:%S} UTC" if moment else ""
