"""Compares orders and ledger with what the gateway says of each payment; finds nothing when all is well."""

from dataclasses import dataclass

from sqlmodel import col, select

from app.core.payments import PaymentFacts
from app.core.uow import UnitOfWork
from app.services.payments.returning import held_by_banks
from models.ledger import LedgerEntry
from models.purchase import Purchase

GIVES = ("sale_", "dispute_won_", "refund_failed_")


@dataclass(frozen=True, slots=True)
class Asked:
    """An order to ask the gateway about."""

    purchase_id: str
    checkout_id: str


def orders_to_ask(uow: UnitOfWork, *, mode: str) -> list[Asked]:
    """Every order with a checkout, oldest first."""
    wanted = select(Purchase).where(Purchase.mode == mode, col(Purchase.checkout_id).is_not(None)).order_by(col(Purchase.id))
    return [Asked(str(row.id), str(row.checkout_id)) for row in uow.session.exec(wanted)]


def compare_order(uow: UnitOfWork, *, asked: Asked, facts: PaymentFacts | None) -> str:
    """What differs between our books and the gateway's for one order, or ""."""
    purchase = uow.session.exec(select(Purchase).where(Purchase.checkout_id == asked.checkout_id)).one()
    if facts is None:
        return "the gateway does not know this checkout"
    entries = uow.session.exec(select(LedgerEntry).where(LedgerEntry.purchase_id == purchase.id))
    booked = sum(entry.amount_cents if entry.kind.startswith(GIVES) else -entry.amount_cents for entry in entries)
    refunded = sum(one.amount_cents for one in facts.refunds)
    held = held_by_banks(uow, paid_cents=facts.paid_cents, refunds=facts.refunds, disputes=facts.disputes)
    kept = facts.paid_cents - refunded - held if facts.state == "paid" else 0
    if (facts.amount_cents, facts.currency) != (purchase.amount_cents, purchase.currency):
        return f"the order is over {purchase.amount_cents} {purchase.currency}, the payment over {facts.amount_cents} {facts.currency}"
    if booked != kept:
        return f"the ledger holds {booked} cents, the gateway {kept}"
    return (
        "" if refunded == purchase.refunded_cents else f"{purchase.refunded_cents} cents are noted as returned, the gateway says {refunded}"
    )
