"""What operators see of the platform's money."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A figure; what goes out is negative."""

    key: str
    label: str
    cents: int
    amount: str
    is_sum: bool


@dataclass(frozen=True, slots=True)
class PlatformReport:
    """A period of one currency and mode; both days are counted whole, in UTC. Lines that begin with `balance_` stand at its end."""

    since: str
    until: str
    currency: str
    mode: str  # live | test
    lines: tuple[ReportLine, ...]


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The report as a CSV file."""

    name: str
    text: str
