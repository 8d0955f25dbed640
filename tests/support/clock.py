"""A clock that stands still until a test moves it; fits engine.ports.Clock."""

from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Starts on a Tuesday at noon UTC."""

    def __init__(self, start: datetime = datetime(2026, 3, 3, 12, tzinfo=UTC)) -> None:
        self._now = start
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The frozen time."""
        return self._now

    def monotonic(self) -> float:
        """Seconds that move only with `advance`."""
        return self._monotonic

    def advance(self, *, seconds: float = 0, **parts: float) -> None:
        """Move on; `parts` are timedelta arguments such as days=1."""
        step = timedelta(seconds=seconds, **parts)
        self._now += step
        self._monotonic += step.total_seconds()
