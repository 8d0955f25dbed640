"""The platform's report: what came in and went out in a period, and what every account holds at its end, straight from the ledger."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from app.core.csv_text import write_csv
from app.core.errors import Invalid
from app.core.money import format_cents
from app.core.uow import UnitOfWork
from app.services.operators import require_operator
from app.services.payments.ledger import GATEWAY, IN_TRANSIT, PLATFORM, TAX
from app.views.payments import PlatformReport, ReportFile, ReportLine
from models.ledger import LedgerEntry
from models.purchase import Purchase
from models.subscription import Invoice

LABELS = {
    "gross": "Sales at list price",
    "discounts": "Discounts",
    "plans": "Plans",
    "tax": "Tax on top or within",
    "received": "Received",
    "refunds": "Refunds, with their tax",
    "disputes": "Taken by banks, with tax",
    "disputes_won": "Returned by banks",
    "kept": "Kept",
    "fees": "The platform's part",
    "creators": "The creators' part",
    "tax_kept": "Tax to pay on",
    "payouts": "Payouts to creators",
    "balance_gateway": "Held at the payment service",
    "balance_platform": "of it the platform's",
    "balance_creators": "of it owed to creators",
    "balance_tax": "of it tax",
    "balance_in_transit": "of it on the way to creators",
}
"""Figure -> what people call it, in the order of the page."""
SUMS = ("received", "kept", "balance_gateway")
Key = tuple[str, str]


def get_report(uow: UnitOfWork, *, since: object = "", until: object = "") -> tuple[PlatformReport, ...]:
    """One report for each currency and mode with bookings; days in UTC, both counted whole, this month without them."""
    require_operator(uow)
    return read_report(uow, since=since, until=until)


def export_report(uow: UnitOfWork, *, since: object = "", until: object = "") -> ReportFile:
    """The same as CSV."""
    require_operator(uow)
    return write_report(uow, since=since, until=until)


def write_report(uow: UnitOfWork, *, since: object = "", until: object = "") -> ReportFile:
    """The same for the console."""
    reports = read_report(uow, since=since, until=until)
    rows = [(one.since, one.until, one.currency, one.mode, line.key, line.cents) for one in reports for line in one.lines]
    start, end = _period(uow, since, until)
    text = write_csv(("since", "until", "currency", "mode", "figure", "cents"), rows)
    return ReportFile(f"platform-{start.date()}-{(end - timedelta(days=1)).date()}.csv", text)


def read_report(uow: UnitOfWork, *, since: object = "", until: object = "") -> tuple[PlatformReport, ...]:
    """The same for the console."""
    start, end = _period(uow, since, until)
    moved, balances, off = _moved(uow, start, end), _balances(uow, end), _discounts(uow, start, end)
    days = (start.date().isoformat(), (end - timedelta(days=1)).date().isoformat())
    found = []
    for key in sorted(set(balances) | set(moved)):
        figures = _figures(moved.get(key, Counter()), off.get(key, 0)) | _held(balances.get(key, Counter()))
        lines = tuple(ReportLine(name, LABELS[name], figures[name], format_cents(figures[name], key[0]), name in SUMS) for name in LABELS)
        found.append(PlatformReport(*days, currency=key[0], mode=key[1], lines=lines))
    return tuple(found)


def _figures(moved: Counter[str], off: int) -> dict[str, int]:
    """`moved` counts cents by kind of entry; kinds of plans begin with `plan:`."""

    def total(*kinds: str) -> int:
        return sum(moved[kind] + moved[f"plan:{kind}"] for kind in kinds)

    def part(who: str) -> int:
        return total(f"sale_{who}", f"dispute_won_{who}", f"refund_failed_{who}") - total(f"refund_{who}", f"dispute_{who}")

    everybody = ("creator", "platform", "tax")
    net = moved["sale_creator"] + moved["sale_platform"]
    plans = moved["plan:sale_platform"]
    refunds, disputes, won = (total(*(f"{kind}_{who}" for who in everybody)) for kind in ("refund", "dispute", "dispute_won"))
    refunds -= total(*(f"refund_failed_{who}" for who in everybody))
    received = net + plans + total("sale_tax")
    return {
        "gross": net + off, "discounts": -off, "plans": plans, "tax": total("sale_tax"), "received": received,
        "refunds": -refunds, "disputes": -disputes, "disputes_won": won, "kept": received - refunds - disputes + won,
        "fees": part("platform"), "creators": part("creator"), "tax_kept": part("tax"),
        "payouts": -(total("payout_reserved") - total("payout_failed")),
    }  # fmt: skip


def _held(balances: Counter[str]) -> dict[str, int]:
    """What each account holds; what the payment service holds is the sum of the others."""
    creators = sum(cents for account, cents in balances.items() if account.startswith("creator:"))
    return {
        "balance_gateway": -balances[GATEWAY],
        "balance_platform": balances[PLATFORM],
        "balance_creators": creators,
        "balance_tax": balances[TAX],
        "balance_in_transit": balances[IN_TRANSIT],
    }


def _moved(uow: UnitOfWork, start: datetime, end: datetime) -> dict[Key, Counter[str]]:
    entry = LedgerEntry
    is_plan = sa.case((col(entry.source_event).startswith("payout:"), 0), (col(entry.purchase_id).is_(None), 1), else_=0)
    summed = sa.select(col(entry.currency), col(entry.mode), is_plan, col(entry.kind), sa.func.sum(col(entry.amount_cents)))
    asked = summed.where(col(entry.created_at) >= start, col(entry.created_at) < end)
    found: dict[Key, Counter[str]] = {}
    for currency, mode, plan, kind, cents in uow.session.connection().execute(asked.group_by(*list(summed.selected_columns)[:4])):
        found.setdefault((currency, mode), Counter())[f"plan:{kind}" if plan else kind] += int(cents)
    return found


def _balances(uow: UnitOfWork, end: datetime) -> dict[Key, Counter[str]]:
    found: dict[Key, Counter[str]] = {}
    entry = LedgerEntry
    for account, sign in ((entry.credit_account, 1), (entry.debit_account, -1)):
        name = col(account)
        summed = sa.select(col(entry.currency), col(entry.mode), name, sa.func.sum(col(entry.amount_cents)))
        asked = summed.where(col(entry.created_at) < end).group_by(col(entry.currency), col(entry.mode), name)
        for currency, mode, whose, cents in uow.session.connection().execute(asked):
            found.setdefault((currency, mode), Counter())[whose] += sign * int(cents)
    return found


def _discounts(uow: UnitOfWork, start: datetime, end: datetime) -> Counter[Key]:
    """What coupons took off orders and months that were paid in the period."""
    found: Counter[Key] = Counter()
    for table in (Purchase, Invoice):
        paid_at: Any = table.paid_at
        summed = sa.select(col(table.currency), col(table.mode), sa.func.sum(col(table.discount_cents)))
        asked = summed.where(col(paid_at) >= start, col(paid_at) < end).group_by(col(table.currency), col(table.mode))
        for currency, mode, cents in uow.session.connection().execute(asked):
            found[(currency, mode)] += int(cents)
    return found


def _period(uow: UnitOfWork, since: object, until: object) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    today = uow.ports.clock.now().date()
    first = _day("since", since) or today.replace(day=1)
    last = _day("until", until) or max(today, first)
    if last < first:
        told = "The last day is before the first."
        raise Invalid(told, fields={"until": told})
    return datetime.combine(first, time(tzinfo=UTC)), datetime.combine(last, time(tzinfo=UTC)) + timedelta(days=1)


def _day(name: str, value: object) -> date | None:
    if value in (None, ""):
        return None
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None or not date(2000, 1, 1) <= day <= date(9000, 1, 1):
        told = "Write a day, such as 2027-03-31."
        raise Invalid(told, fields={name: told})
    return day
