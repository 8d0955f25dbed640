"""What operators see of the platform's money, and creators of theirs."""

from dataclasses import dataclass
from datetime import datetime

from app.views.purchases import BankFailure


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


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """Money that was sent to a creator's account at the payment service, or is about to be."""

    id: str
    amount_cents: int
    amount: str
    state: str  # requested | paid | failed
    reason: str  # why it failed
    is_test: bool
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class PayoutDesk:
    """What a creator is owed, what of it may be paid out now, and what was; `failures` are those that a bank refused."""

    balance_cents: int
    balance: str
    available_cents: int
    available: str
    is_test: bool
    has_account: bool
    payouts: tuple[PayoutRow, ...] = ()
    failures: tuple[BankFailure, ...] = ()
