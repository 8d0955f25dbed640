"""Brings a purchase and the ledger to what the gateway says. Facts may come twice, late and in any order."""

import logging
import uuid
from dataclasses import asdict
from datetime import timedelta

from sqlmodel import col, select

from app.core.money import Parts, divide
from app.core.payments import DisputeFact, GatewayEvent, PaymentFacts, RefundFact
from app.core.uow import UnitOfWork
from app.services import letters
from app.services.coupons import redeeming
from app.services.payments.documents import issue_credit_note, issue_receipt, take_credit_note_back
from app.services.payments.ledger import GATEWAY, PLATFORM, TAX, Pair, Source, book, creator_account, entries_of
from app.services.payments.noting import has_failed, keep_once, note_failure, note_refused, refund_name, refusals_of
from app.services.payments.returning import brought_back, gone_by, returned, taken
from app.services.payments.telling import tell_not_arrived, tell_paid, tell_returned
from models.purchase import Purchase

log = logging.getLogger(__name__)
HOLD = timedelta(days=7)  # a creator's share waits that long before it may be paid out


def take_event(uow: UnitOfWork, *, event: GatewayEvent, facts: PaymentFacts | None) -> bool:
    """Keep a verified event once and apply what the gateway said when it was asked; returns whether the event was news."""
    is_news = keep_once(uow, key=event.id, kind=event.kind, subject=event.subject)
    if facts is not None:
        apply_facts(uow, facts)
    return is_news


def apply_facts(uow: UnitOfWork, facts: PaymentFacts) -> Purchase | None:
    """The same facts applied again change nothing; None when no purchase of ours is meant."""
    purchase = _locked(uow, facts)
    if purchase is None:
        return None
    if not _is_what_was_ordered(purchase, facts):
        log.error("payment %s is over %s %s, the order %s is not", facts.checkout_id, facts.amount_cents, facts.currency, purchase.id)
        return None
    if facts.state == "expired" and purchase.state == "pending":
        give_up(uow, purchase)
    if facts.state == "paid":
        if purchase.paid_at is None:
            settle(uow, purchase, facts)
        for refund in facts.refunds:
            _give_back(uow, purchase, refund, facts)
        for refund_id in facts.failed_refunds:
            _take_again(uow, purchase, refund_id, facts)
        for dispute in facts.disputes:
            _follow_dispute(uow, purchase, dispute, facts)
    uow.session.add(purchase)
    uow.session.flush()
    return purchase


def _locked(uow: UnitOfWork, facts: PaymentFacts) -> Purchase | None:
    try:
        wanted = uuid.UUID(facts.reference)
    except ValueError:
        return None
    purchase = uow.session.exec(select(Purchase).where(col(Purchase.id) == wanted).with_for_update()).first()
    if purchase is None or purchase.checkout_id not in (None, facts.checkout_id):
        return None
    purchase.checkout_id = facts.checkout_id  # the webhook may be here before our own note of it
    return purchase


def _is_what_was_ordered(purchase: Purchase, facts: PaymentFacts) -> bool:
    """The price is the order's to the cent, and what is charged is that price with its tax in it or on top of it."""
    is_same = (facts.amount_cents, facts.currency) == (purchase.amount_cents, purchase.currency)
    if facts.state != "paid":
        return is_same
    return is_same and facts.tax_cents >= 0 and facts.paid_cents in (purchase.amount_cents, purchase.amount_cents + facts.tax_cents)


def give_up(uow: UnitOfWork, purchase: Purchase) -> None:
    """The order came to nothing; its coupon can be used again."""
    purchase.state, purchase.claim = "expired", None
    uow.session.add(purchase)
    uow.session.flush()
    redeeming.release(uow, purchase.id)


def settle(uow: UnitOfWork, purchase: Purchase, facts: PaymentFacts | None) -> None:
    """The order is paid; without facts it costs nothing, and no gateway was asked."""
    _claim_again(uow, purchase)  # where it was paid in the moment in which it was given up
    purchase.state, purchase.paid_at = "paid", uow.ports.clock.now()
    if facts is not None:
        purchase.payment_id, purchase.billed_to = facts.payment_id, facts.billed_to[:600]
        purchase.paid_cents, purchase.tax_cents = facts.paid_cents, facts.tax_cents
    uow.session.add(purchase)
    uow.session.flush()
    redeeming.settle(uow, purchase.id)
    whole = {"tax_cents": purchase.tax_cents, "platform_bps": purchase.fee_bps, "part_cents": purchase.paid_cents}
    _book(uow, purchase, f"purchase:{purchase.id}", "sale", divide(purchase.paid_cents, **whole), is_sale=True)
    tell_paid(uow, purchase, issue_receipt(uow, purchase))


def _claim_again(uow: UnitOfWork, purchase: Purchase) -> None:
    """The order stands (again), unless another one took its place."""
    claim = f"{purchase.workspace_id}:{purchase.listing_id}"
    if purchase.claim is None and not uow.session.exec(select(Purchase.id).where(Purchase.claim == claim)).first():
        purchase.claim = claim


def _give_back(uow: UnitOfWork, purchase: Purchase, refund: RefundFact, facts: PaymentFacts) -> None:
    event = f"refund:{refund.id}"
    if entries_of(uow, event) or has_failed(uow, refund.id):
        return
    parts = returned(uow, purchase, facts.disputes, part_cents=refund.amount_cents)
    _book(uow, purchase, event, "refund", parts, is_sale=False)
    tell_returned(uow, purchase, refund.amount_cents, issue_credit_note(uow, purchase, parts, event=event, reason="Refund"))
    purchase.refunded_cents += refund.amount_cents
    if purchase.refunded_cents == purchase.paid_cents:
        purchase.state, purchase.claim = "refunded", None


def _take_again(uow: UnitOfWork, purchase: Purchase, refund_id: str, facts: PaymentFacts) -> None:
    """The buyer's bank has sent a refund back: what was booked for it is booked back, and the next attempt is another one."""
    gone = gone_by(uow, refund_id)
    if not note_failure(uow, refund_id, payment_id=facts.payment_id) or not gone:
        return
    event = f"refund:{refund_id}"
    _book(uow, purchase, f"{event}:failed", "refund_failed", brought_back(uow, purchase, facts.disputes, part_cents=gone), is_sale=True)
    purchase.refunded_cents -= gone
    if purchase.state == "refunded":
        purchase.state = "paid"
        _claim_again(uow, purchase)
    name = refund_name(purchase.id, purchase.refunded_cents)
    note_refused(uow, name, refusals=refusals_of(uow, name), payment_id=facts.payment_id)
    take_credit_note_back(uow, purchase, event=event)
    tell_not_arrived(uow, purchase, gone)


def _follow_dispute(uow: UnitOfWork, purchase: Purchase, dispute: DisputeFact, facts: PaymentFacts) -> None:
    opened = f"dispute:{dispute.id}"
    was_taken, was_won = bool(entries_of(uow, opened)), bool(entries_of(uow, f"{opened}:won"))
    if dispute.state == "inquiry" and keep_once(uow, key=f"inquiry:{dispute.id}", kind="dispute.inquiry", subject=facts.payment_id):
        letters.tell_inquiry(uow, purchase.seller_id, purchase.title)
    if dispute.state in ("open", "lost") and not was_taken:
        parts = returned(uow, purchase, facts.disputes, part_cents=dispute.amount_cents)
        _book(uow, purchase, opened, "dispute", parts, is_sale=False)
    parts = taken(uow, dispute)
    if dispute.state == "lost" and parts.total and not was_won:
        issue_credit_note(uow, purchase, parts, event=f"{opened}:lost", reason="Charged back by the bank")
    if dispute.state == "won" and was_taken and not was_won:
        back = brought_back(uow, purchase, facts.disputes, part_cents=parts.total)
        _book(uow, purchase, f"{opened}:won", "dispute_won", back, is_sale=True)
    if dispute.state == "open" and not was_won and purchase.state == "paid":
        purchase.state = "disputed"
    if dispute.state == "won" and purchase.state == "disputed":
        purchase.state = "paid"
    if dispute.state == "lost" and purchase.state in ("paid", "disputed"):
        purchase.state, purchase.claim = "lost", None
        letters.tell_lost(uow, purchase.seller_id, purchase.title)


def _book(uow: UnitOfWork, purchase: Purchase, event: str, kind: str, parts: Parts, *, is_sale: bool) -> None:
    """All parts, towards the gateway or back. What is given back is missing from the day on which the sale becomes available."""
    source = Source(event, purchase.currency, purchase.mode, purchase.id)
    available_at = purchase.paid_at + HOLD if purchase.paid_at else None
    accounts = {"creator": creator_account(purchase.seller_id), "platform": PLATFORM, "tax": TAX}
    pairs = [
        Pair(f"{kind}_{name}", *((GATEWAY, accounts[name]) if is_sale else (accounts[name], GATEWAY)), cents, available_at)
        for name, cents in asdict(parts).items()
    ]
    if book(uow, source, pairs):
        booked = letters.Booked(kind, purchase.title, parts.creator, purchase.currency, purchase.mode)
        letters.tell_booked(uow, purchase.seller_id, booked)
