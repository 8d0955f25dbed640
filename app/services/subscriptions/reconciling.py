"""Compares invoices and ledger with what the gateway says of a subscription; finds nothing when all is well."""

from sqlmodel import col, select

from app.core.subscriptions import InvoiceFact
from app.core.uow import UnitOfWork
from app.services.payments.returning import held_by_banks
from models.ledger import LedgerEntry
from models.subscription import Invoice, Subscription

GIVES = ("sale_", "dispute_won_", "refund_failed_")


def standings_to_ask(uow: UnitOfWork, *, mode: str) -> list[str]:
    """What to ask the gateway about for every monthly order with a page to pay on, oldest first: its subscription, or the page."""
    ids = select(Subscription.subscription_id, Subscription.checkout_id).where(Subscription.mode == mode)
    return [known for row in uow.session.exec(ids.order_by(col(Subscription.id))) if (known := row[0] or row[1])]


def compare_invoice(uow: UnitOfWork, *, fact: InvoiceFact) -> str:
    """What differs between our books and the gateway's for one invoice, asked about by its payment, or ""."""
    row = uow.session.exec(select(Invoice).where(Invoice.invoice_id == fact.id)).first()
    if row is None:
        return "the invoice is not known here"
    if (row.state, row.paid_cents, row.currency) != (fact.state, fact.paid_cents, fact.currency):
        return f"it is {row.state} with {row.paid_cents} {row.currency} here, and {fact.state} with {fact.paid_cents} {fact.currency} there"
    held = held_by_banks(uow, paid_cents=fact.paid_cents, refunds=fact.refunds, disputes=fact.disputes)
    booked, kept = _booked(uow, fact), fact.paid_cents - sum(one.amount_cents for one in fact.refunds) - held
    return "" if booked == kept else f"the ledger holds {booked} cents, the gateway {kept}"


def _booked(uow: UnitOfWork, fact: InvoiceFact) -> int:
    events = [f"invoice:{fact.id}", *(f"refund:{one.id}" for one in fact.refunds)]
    events += [f"refund:{one}{end}" for one in fact.failed_refunds for end in ("", ":failed")]
    events += [f"dispute:{one.id}{end}" for one in fact.disputes for end in ("", ":won")]
    entries = uow.session.exec(select(LedgerEntry).where(col(LedgerEntry.source_event).in_(events)))
    return sum(entry.amount_cents if entry.kind.startswith(GIVES) else -entry.amount_cents for entry in entries)
