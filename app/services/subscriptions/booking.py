"""What invoices mean for the ledger: the parts of creator, platform and tax are booked once, and what goes back returns to the cent."""

import uuid
from collections.abc import Callable
from dataclasses import asdict

from sqlmodel import select

from app.core.money import divide
from app.core.payments import DisputeFact, RefundFact
from app.core.subscriptions import InvoiceFact
from app.core.uow import UnitOfWork
from app.services.letters import Booked, tell_booked, tell_inquiry, tell_lost
from app.services.payments.ledger import GATEWAY, PLATFORM, TAX, Pair, Source, book, creator_account, entries_of
from app.services.payments.noting import has_failed, keep_once, note_failure, note_refused, refund_name, refusals_of
from app.services.payments.returning import brought_back, gone_by, returned, taken
from app.services.payments.settling import HOLD
from models.subscription import Invoice, Subscription

__all__ = ["TAX", "book_invoice", "follow_dispute", "give_back", "take_again"]


def book_invoice(uow: UnitOfWork, invoice: Invoice) -> None:
    """What came in."""
    _book(uow, invoice, event=f"invoice:{invoice.invoice_id}", kind="sale", parts=_parts(invoice, invoice.paid_cents), is_income=True)


def give_back(uow: UnitOfWork, invoice: Invoice, refund: RefundFact, fact: InvoiceFact) -> bool:
    """A refund, once; whether it is news."""
    event = f"refund:{refund.id}"
    if entries_of(uow, event) or has_failed(uow, refund.id):
        return False
    parts = asdict(returned(uow, invoice, fact.disputes, part_cents=refund.amount_cents))
    _book(uow, invoice, event=event, kind="refund", parts=parts, is_income=False)
    invoice.refunded_cents += refund.amount_cents
    return True


def take_again(uow: UnitOfWork, invoice: Invoice, refund_id: str, fact: InvoiceFact) -> int:
    """The buyer's bank has sent a refund back: what was booked for it is booked back, and the next attempt is another one.

    Returns how much that is, 0 when it is no news.
    """
    gone = gone_by(uow, refund_id)
    if not note_failure(uow, refund_id, payment_id=invoice.payment_id) or not gone:
        return 0
    parts = asdict(brought_back(uow, invoice, fact.disputes, part_cents=gone))
    _book(uow, invoice, event=f"refund:{refund_id}:failed", kind="refund_failed", parts=parts, is_income=True)
    invoice.refunded_cents -= gone
    name = refund_name(invoice.id, invoice.refunded_cents)
    note_refused(uow, name, refusals=refusals_of(uow, name), payment_id=invoice.payment_id)
    return gone


def follow_dispute(uow: UnitOfWork, invoice: Invoice, dispute: DisputeFact, fact: InvoiceFact) -> None:
    """What a bank took back, and what it returned."""
    opened, won = f"dispute:{dispute.id}", f"dispute:{dispute.id}:won"
    held = taken(uow, dispute).total
    is_over = bool(entries_of(uow, won))
    if dispute.state == "inquiry" and keep_once(uow, key=f"inquiry:{dispute.id}", kind="dispute.inquiry", subject=invoice.payment_id):
        _tell(uow, invoice, tell_inquiry)
    if dispute.state in ("open", "lost") and not held:
        parts = asdict(returned(uow, invoice, fact.disputes, part_cents=dispute.amount_cents))
        _book(uow, invoice, event=opened, kind="dispute", parts=parts, is_income=False)
    if dispute.state == "won" and held and not is_over:
        parts = asdict(brought_back(uow, invoice, fact.disputes, part_cents=held))
        _book(uow, invoice, event=won, kind="dispute_won", parts=parts, is_income=True)
    if dispute.state == "lost" and not is_over and not invoice.is_lost:
        _tell(uow, invoice, tell_lost)
    if not is_over:
        invoice.is_lost = dispute.state == "lost"


def _tell(uow: UnitOfWork, invoice: Invoice, letter: Callable[[UnitOfWork, uuid.UUID, str], None]) -> None:
    """Nobody where it is a plan's."""
    if invoice.seller_id:
        letter(uow, invoice.seller_id, uow.session.exec(select(Subscription.title).where(Subscription.id == invoice.standing_id)).one())


def _parts(invoice: Invoice, cents: int) -> dict[str, int]:
    """How so much of what was paid is divided: the tax's part is rounded down, the rest is split at the invoice's fee."""
    return asdict(divide(invoice.paid_cents, tax_cents=invoice.tax_cents, platform_bps=invoice.fee_bps, part_cents=cents))


def _book(uow: UnitOfWork, invoice: Invoice, *, event: str, kind: str, parts: dict[str, int], is_income: bool) -> None:
    """What is given back is missing from the day on which the payment becomes available."""
    is_sale = invoice.seller_id is not None
    source = Source(event, invoice.currency, invoice.mode, invoice.id if is_sale else None)
    accounts = {"platform": PLATFORM, "tax": TAX} | ({"creator": creator_account(invoice.seller_id)} if invoice.seller_id else {})
    available_at = invoice.paid_at + HOLD if is_sale and invoice.paid_at else None
    pairs = [
        Pair(f"{kind}_{name}", *((GATEWAY, accounts[name]) if is_income else (accounts[name], GATEWAY)), cents, available_at)
        for name, cents in parts.items()
        if cents
    ]
    if book(uow, source, pairs) and invoice.seller_id:
        standing = uow.session.exec(select(Subscription).where(Subscription.id == invoice.standing_id)).one()
        tell_booked(uow, invoice.seller_id, Booked(kind, standing.title, parts.get("creator", 0), invoice.currency, invoice.mode))
