"""What of a payment is back with the buyer, and how the parts divide; orders and monthly invoices share it."""

from collections.abc import Sequence
from typing import Protocol

from app.core.money import Parts, divide_returned
from app.core.payments import DisputeFact
from app.core.uow import UnitOfWork
from app.services.payments.ledger import entries_of


class Paid(Protocol):
    """A purchase or an invoice."""

    paid_cents: int
    tax_cents: int
    fee_bps: int
    refunded_cents: int


def returned(uow: UnitOfWork, paid: Paid, disputes: Sequence[DisputeFact], *, part_cents: int) -> Parts:
    """How the next part that goes back divides, after all that went back before."""
    return _parts(paid, paid.refunded_cents + _with_banks(uow, disputes), part_cents)


def brought_back(uow: UnitOfWork, paid: Paid, disputes: Sequence[DisputeFact], *, part_cents: int) -> Parts:
    """How a part divides that a bank returns: as if it had never gone."""
    return _parts(paid, paid.refunded_cents + _with_banks(uow, disputes) - part_cents, part_cents)


def taken(uow: UnitOfWork, dispute: DisputeFact) -> Parts:
    """What was booked when the dispute was opened."""
    booked = {entry.kind.removeprefix("dispute_"): entry.amount_cents for entry in entries_of(uow, f"dispute:{dispute.id}")}
    return Parts(booked.get("creator", 0), booked.get("platform", 0), booked.get("tax", 0))


def _with_banks(uow: UnitOfWork, disputes: Sequence[DisputeFact]) -> int:
    """What banks have taken and not returned, as it is booked. A gateway that tells of a refund tells of every earlier dispute too."""
    return sum(taken(uow, one).total for one in disputes if not entries_of(uow, f"dispute:{one.id}:won"))


def _parts(paid: Paid, before_cents: int, part_cents: int) -> Parts:
    given = {"tax_cents": paid.tax_cents, "platform_bps": paid.fee_bps, "before_cents": before_cents}
    return divide_returned(paid.paid_cents, **given, part_cents=part_cents)
