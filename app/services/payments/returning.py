"""What of a payment is back with the buyer, and how the parts divide; orders and monthly invoices share it."""

from collections.abc import Collection, Sequence
from typing import Protocol

from app.core.money import Parts, divide_returned
from app.core.payments import DisputeFact, RefundFact
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


def gone_by(uow: UnitOfWork, refund_id: str) -> int:
    """What was booked for a refund."""
    return sum(entry.amount_cents for entry in entries_of(uow, f"refund:{refund_id}"))


def taken(uow: UnitOfWork, dispute: DisputeFact) -> Parts:
    """What was booked when the dispute was opened."""
    booked = {entry.kind.removeprefix("dispute_"): entry.amount_cents for entry in entries_of(uow, f"dispute:{dispute.id}")}
    return Parts(booked.get("creator", 0), booked.get("platform", 0), booked.get("tax", 0))


def held_by_banks(uow: UnitOfWork, *, paid_cents: int, refunds: Sequence[RefundFact], disputes: Sequence[DisputeFact]) -> int:
    """What the ledger must say that banks hold.

    Earlier releases booked no more of a dispute than the refunds before it had left, and inquiries as disputes. The ledger only grows,
    so exactly these bookings count as they are.
    """
    lefts, left = set[int](), paid_cents
    for refund in refunds:
        left -= refund.amount_cents
        lefts.add(left)
    return sum(_held(uow, one, lefts) for one in disputes if one.state != "won")


def _held(uow: UnitOfWork, dispute: DisputeFact, lefts: Collection[int]) -> int:
    booked = 0 if entries_of(uow, f"dispute:{dispute.id}:won") else taken(uow, dispute).total
    is_older = 0 < booked < dispute.amount_cents and booked in lefts
    if dispute.state == "inquiry":
        return booked if is_older or booked == dispute.amount_cents else 0
    return booked if is_older else dispute.amount_cents


def _with_banks(uow: UnitOfWork, disputes: Sequence[DisputeFact]) -> int:
    """What banks have taken and not returned, as it is booked. A gateway that tells of a refund tells of every earlier dispute too."""
    return sum(taken(uow, one).total for one in disputes if not entries_of(uow, f"dispute:{one.id}:won"))


def _parts(paid: Paid, before_cents: int, part_cents: int) -> Parts:
    given = {"tax_cents": paid.tax_cents, "platform_bps": paid.fee_bps, "before_cents": before_cents}
    return divide_returned(paid.paid_cents, **given, part_cents=part_cents)
