"""Brings a purchase and the ledger to what the gateway says. Facts may come twice, late and in any order."""

import logging
import uuid
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.bulk import insert_into, is_inserted
from app.core.money import Shares, split, split_of_part
from app.core.payments import DisputeFact, GatewayEvent, PaymentFacts, RefundFact
from app.core.uow import UnitOfWork
from app.services.payments.ledger import GATEWAY, PLATFORM, Pair, Source, book, creator_account, entries_of
from models.ids import new_id
from models.purchase import PaymentEvent, Purchase

log = logging.getLogger(__name__)
HOLD = timedelta(days=7)  # a creator's share waits that long before it may be paid out


def take_event(uow: UnitOfWork, *, event: GatewayEvent, facts: PaymentFacts | None) -> bool:
    """Keep a verified event once and apply what the gateway said when it was asked; returns whether the event was news."""
    table: sa.Table = PaymentEvent.__table__  # type: ignore[attr-defined]
    connection, now = uow.session.connection(), uow.ports.clock.now()
    row = {
        "id": new_id(),
        "created_at": now,
        "updated_at": now,
        "event_id": event.id,
        "kind": event.kind[:80],
        "subject": event.subject[:120],
    }
    is_news = is_inserted(connection, insert_into(connection, table).values(row).on_conflict_do_nothing(index_elements=["event_id"]))
    if facts is not None:
        apply_facts(uow, facts)
    return is_news


def apply_facts(uow: UnitOfWork, facts: PaymentFacts) -> Purchase | None:
    """The same facts applied again change nothing; None when no purchase of ours is meant."""
    purchase = _locked(uow, facts)
    if purchase is None:
        return None
    if (facts.amount_cents, facts.currency) != (purchase.amount_cents, purchase.currency):
        log.error("payment %s is over %s %s, the order %s is not", facts.checkout_id, facts.amount_cents, facts.currency, purchase.id)
        return None
    if facts.state == "expired" and purchase.state == "pending":
        purchase.state, purchase.claim = "expired", None
    if facts.state == "paid":
        if purchase.paid_at is None:
            _settle(uow, purchase, facts)
        for refund in facts.refunds:
            _give_back(uow, purchase, refund)
        for dispute in facts.disputes:
            _follow_dispute(uow, purchase, dispute)
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


def _settle(uow: UnitOfWork, purchase: Purchase, facts: PaymentFacts) -> None:
    now = uow.ports.clock.now()
    claim = f"{purchase.workspace_id}:{purchase.listing_id}"
    if purchase.claim is None and not uow.session.exec(select(Purchase.id).where(Purchase.claim == claim)).first():
        purchase.claim = claim  # paid in the moment in which the order was given up
    purchase.state, purchase.paid_at, purchase.payment_id = "paid", now, facts.payment_id
    shares = split(purchase.amount_cents, platform_bps=purchase.fee_bps)
    _book_shares(uow, purchase, f"purchase:{purchase.id}", "sale", shares, is_sale=True)


def _give_back(uow: UnitOfWork, purchase: Purchase, refund: RefundFact) -> None:
    event = f"refund:{refund.id}"
    if entries_of(uow, event):
        return
    shares = _part(purchase, refund.amount_cents)
    _book_shares(uow, purchase, event, "refund", shares, is_sale=False)
    purchase.refunded_cents += refund.amount_cents
    if purchase.refunded_cents == purchase.amount_cents:
        purchase.state, purchase.claim = "refunded", None


def _follow_dispute(uow: UnitOfWork, purchase: Purchase, dispute: DisputeFact) -> None:
    opened = f"dispute:{dispute.id}"
    was_taken, was_won = bool(entries_of(uow, opened)), bool(entries_of(uow, f"{opened}:won"))
    if dispute.state in ("open", "lost") and not was_taken:
        amount = min(dispute.amount_cents, purchase.amount_cents - purchase.refunded_cents)
        _book_shares(uow, purchase, opened, "dispute", _part(purchase, amount), is_sale=False)
    if dispute.state == "won" and was_taken and not was_won:
        taken = {entry.kind: entry.amount_cents for entry in entries_of(uow, opened)}
        shares = Shares(taken.get("dispute_creator", 0), taken.get("dispute_platform", 0))
        _book_shares(uow, purchase, f"{opened}:won", "dispute_won", shares, is_sale=True)
    if dispute.state == "open" and not was_won and purchase.state == "paid":
        purchase.state = "disputed"
    if dispute.state == "won" and purchase.state == "disputed":
        purchase.state = "paid"
    if dispute.state == "lost" and purchase.state in ("paid", "disputed"):
        purchase.state, purchase.claim = "lost", None


def _part(purchase: Purchase, amount_cents: int) -> Shares:
    return split_of_part(
        purchase.amount_cents, platform_bps=purchase.fee_bps, before_cents=purchase.refunded_cents, part_cents=amount_cents
    )


def _book_shares(uow: UnitOfWork, purchase: Purchase, event: str, kind: str, shares: Shares, *, is_sale: bool) -> None:
    """Both shares, towards the gateway or back. What is given back is missing from the day on which the sale becomes available."""
    source = Source(event, purchase.currency, purchase.mode, purchase.id)
    available_at = purchase.paid_at + HOLD if purchase.paid_at else None
    creator = creator_account(purchase.seller_id)
    pairs = [
        Pair(f"{kind}_{name}", *((GATEWAY, account) if is_sale else (account, GATEWAY)), cents, available_at)
        for name, account, cents in (("creator", creator, shares.creator_cents), ("platform", PLATFORM, shares.platform_cents))
    ]
    book(uow, source, pairs)
