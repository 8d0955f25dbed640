"""Brings standing orders, their invoices and the ledger to what the gateway says. Facts may come twice, late and in any order."""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.money import PLATFORM_BPS, WHOLE_BPS
from app.core.subscriptions import InvoiceFact, SubscriptionFacts
from app.core.uow import UnitOfWork
from app.services.accounts.open_space import is_closed
from app.services.coupons import redeeming
from app.services.payments.documents import buyer_now
from app.services.payments.fees import fee_of
from app.services.subscriptions.booking import book_invoice, follow_dispute, give_back, take_again
from app.services.subscriptions.granting import grant
from app.services.subscriptions.opening import give_up
from app.services.subscriptions.standing import GRACE, RUNNING, newest_lost
from app.services.subscriptions.telling import (
    Returned,
    tell_deserted,
    tell_ended,
    tell_failed,
    tell_not_arrived,
    tell_paid,
    tell_returned,
    tell_taken_back,
)
from models.listing import Listing
from models.subscription import Invoice, Subscription

log = logging.getLogger(__name__)
SOON, LATER, RARELY = timedelta(minutes=30), timedelta(hours=6), timedelta(days=7)


def apply_subscription(uow: UnitOfWork, facts: SubscriptionFacts, *, asked_at: datetime) -> Subscription | None:
    """The same facts applied again change nothing; None when no order of ours is meant."""
    standing = _locked(uow, facts)
    if standing is None or not _is_what_was_ordered(standing, facts):
        return None
    before, had_lost = standing.state, _has_lost(uow, standing)
    is_final = standing.state == "ended" and standing.look_at is None  # not where the gateway did not know it: see stop_looking
    if not is_final and (standing.asked_at is None or asked_at >= standing.asked_at):
        _take_state(uow, standing, facts, asked_at)
    elif not is_final and _is_other(standing, facts):
        standing.look_at = standing.asked_at  # late, or newer and told by a clock that was put back: asking once more tells which
    back = [returned for fact in facts.invoices for returned in _take_invoice(uow, standing, fact)]
    uow.session.add(standing)
    uow.session.flush()
    if standing.state in RUNNING and _has_lost(uow, standing):
        standing.look_at = _look_at_lost(uow, standing, is_news=not had_lost)
    grant(uow, standing)
    _tell(uow, standing, back, is_news=standing.state != before)
    return standing


def _tell(uow: UnitOfWork, standing: Subscription, back: Sequence[Returned], *, is_news: bool) -> None:
    """Letters about what came back and about a new state; one where it ended with a refund."""
    has_ended = is_news and standing.state == "ended"
    lost = newest_lost(uow, standing) if has_ended else None
    if back:
        tell_returned(uow, standing, back, has_ended=has_ended and lost is None)
    if is_news and standing.state == "past_due":
        tell_failed(uow, standing)
    if lost is not None:
        tell_taken_back(uow, standing, lost)
    elif has_ended and not back:
        tell_ended(uow, standing)


def _look_at_lost(uow: UnitOfWork, standing: Subscription, *, is_news: bool) -> datetime | None:
    """When workers try again to end what a bank took back: at once, then rarely; a gateway that will not is asked no more in the end."""
    now = uow.ports.clock.now()
    if is_news:
        return now
    lost = newest_lost(uow, standing)
    if lost is None or now > lost.period_end + GRACE:
        return standing.look_at
    return min(standing.look_at or now + LATER, now + LATER)


def stop_looking(uow: UnitOfWork, *, subscription_id: str) -> None:
    """The gateway knows no such subscription, or the key is another account's: it is asked about rarely, and reconciling reports it.

    When what was paid for is over, the order ends, so that another can be placed; should the gateway know it again, it goes on.
    """
    log.error("the gateway does not know the subscription %s", subscription_id)
    now = uow.ports.clock.now()
    found = select(Subscription).where(Subscription.subscription_id == subscription_id).with_for_update()
    standing = uow.session.exec(found).first()
    if standing is None:
        return
    standing.look_at = now + RARELY
    is_over = standing.state in RUNNING and now >= (standing.period_end or standing.created_at) + GRACE
    if is_over:
        standing.state, standing.claim = "ended", None
    uow.session.add(standing)
    uow.session.flush()
    if is_over:
        grant(uow, standing)
        tell_ended(uow, standing)


def has_due(connection: sa.Connection, now: datetime) -> bool:
    """Whether there is one to ask about."""
    return connection.execute(sa.select(sa.literal(1)).where(col(Subscription.look_at) <= now).limit(1)).first() is not None


def due_subscriptions(uow: UnitOfWork, *, mode: str, most: int = 20) -> list[str]:
    """Those whose period is over or that were not paid: the gateway is asked without being heard of, and not again for a while.

    Also those of test mode where real money is taken by now: nobody knows them there, so they end.
    """
    now = uow.ports.clock.now()
    modes = col(Subscription.mode).in_({mode, "test"})
    due = select(Subscription).where(modes, col(Subscription.look_at) <= now, col(Subscription.subscription_id).is_not(None))
    rows = uow.session.exec(due.order_by(col(Subscription.look_at)).limit(most).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.look_at = now + SOON
    return [str(row.subscription_id) for row in rows]


def _locked(uow: UnitOfWork, facts: SubscriptionFacts) -> Subscription | None:
    try:
        wanted = uuid.UUID(facts.reference)
    except ValueError:
        return None
    standing = uow.session.exec(select(Subscription).where(col(Subscription.id) == wanted).with_for_update()).first()
    if standing is None or (facts.checkout_id and standing.checkout_id not in (None, facts.checkout_id)):
        return None
    if standing.subscription_id not in (None, facts.subscription_id):
        return None
    standing.checkout_id = standing.checkout_id or facts.checkout_id or None  # the webhook may be here before our own note of it
    return standing


def _is_what_was_ordered(standing: Subscription, facts: SubscriptionFacts) -> bool:
    """Whether the first invoice is for what was ordered; afterwards the gateway's own prices count."""
    if standing.subscription_id is not None or not facts.invoices:
        return True
    first = facts.invoices[0]
    asked = (first.price_key, first.asked_cents, first.currency)
    if asked == (standing.price_key, standing.amount_cents - standing.discount_cents, standing.currency):
        return True
    log.error("subscription %s is over %s, the order %s is not", facts.subscription_id, asked, standing.id)
    return False


def _take_state(uow: UnitOfWork, standing: Subscription, facts: SubscriptionFacts, asked_at: datetime) -> None:
    standing.asked_at = asked_at
    if facts.state == "expired" and standing.state == "pending":
        give_up(uow, standing)
    if facts.state not in ("active", "past_due", "ended"):
        return
    redeeming.settle(uow, standing.id)
    claim = _claim(standing)
    if standing.claim is None and claim and not uow.session.exec(select(Subscription.id).where(Subscription.claim == claim)).first():
        standing.claim = claim  # paid in the moment in which the order was given up
    standing.state, standing.subscription_id = facts.state, facts.subscription_id
    standing.next_price_key, standing.is_cancelled, standing.period_end = facts.price_key, facts.is_cancelled, facts.period_end
    if standing.state == "ended":
        standing.claim = standing.look_at = None
    else:
        due = facts.period_end if standing.state == "active" and facts.period_end else asked_at + LATER
        standing.look_at = max(due, asked_at + SOON)


def _is_other(standing: Subscription, facts: SubscriptionFacts) -> bool:
    known = (standing.state, standing.next_price_key, standing.is_cancelled, standing.period_end)
    return known != (facts.state, facts.price_key, facts.is_cancelled, facts.period_end)


def _claim(standing: Subscription) -> str | None:
    """What only one order of the workspace may hold; nothing where the listing is no more."""
    subject = standing.listing_id if standing.seller_id else "plan"
    return f"{standing.workspace_id}:{subject}" if subject else None


def _take_invoice(uow: UnitOfWork, standing: Subscription, fact: InvoiceFact) -> list[Returned]:
    """Returns what of it went back since it was last heard of."""
    row = uow.session.exec(select(Invoice).where(Invoice.invoice_id == fact.id)).first() or _write(uow, standing, fact)
    if row.standing_id != standing.id:
        return []
    row.raised_from = row.raised_from or fact.raised_from[:80]  # an earlier release did not keep it
    if row.state == "open":
        row.state, row.pay_url = fact.state, fact.pay_url
    if fact.state == "paid" and row.paid_at is None:
        row.state, row.pay_url, row.paid_at = "paid", "", uow.ports.clock.now()
        row.paid_cents, row.tax_cents, row.payment_id = fact.paid_cents, min(fact.tax_cents, fact.paid_cents), fact.payment_id
        row.discount_cents = fact.discount_cents
        book_invoice(uow, row)
        tell_paid(uow, standing, row)
    refunds = fact.refunds if row.paid_at else ()
    back = [Returned(row, refund.amount_cents) for refund in refunds if give_back(uow, row, refund, fact)]
    for refund_id in fact.failed_refunds if row.paid_at else ():
        if gone := take_again(uow, row, refund_id, fact):
            tell_not_arrived(uow, standing, row, gone)
    for dispute in fact.disputes if row.paid_at else ():
        follow_dispute(uow, row, dispute, fact)
    uow.session.add(row)
    uow.session.flush()
    return back


def _write(uow: UnitOfWork, standing: Subscription, fact: InvoiceFact) -> Invoice:
    now = uow.ports.clock.now()
    return Invoice(
        workspace_id=standing.workspace_id, standing_id=standing.id, invoice_id=fact.id, number=fact.number[:60], state=fact.state,
        price_key=fact.price_key[:80], total_cents=fact.total_cents, currency=fact.currency, mode=standing.mode,
        lines=[{"text": line.text[:300], "amount_cents": line.amount_cents} for line in fact.lines], issued_at=fact.issued_at,
        period_start=fact.period_start, period_end=fact.period_end, pay_url=fact.pay_url, created_at=now, updated_at=now,
        seller_id=standing.seller_id, fee_bps=_fee_now(uow, standing),
        billed_to=(fact.billed_to or buyer_now(uow, standing.workspace_id, standing.buyer_id))[:800],
    )  # fmt: skip


def _fee_now(uow: UnitOfWork, standing: Subscription) -> int:
    """The platform's part of a month that begins now: all of a plan, and of a listing what is set for it at this time."""
    if standing.seller_id is None:
        return WHOLE_BPS
    usual = uow.session.exec(select(Listing.fee_bps).where(Listing.id == standing.listing_id)).first()
    return PLATFORM_BPS if usual is None or standing.listing_id is None else fee_of(uow, standing.listing_id, usual)


def lost_subscription(uow: UnitOfWork, *, subscription_id: str) -> bool:
    """Whether a bank took a payment back for good while the subscription still renews: nobody may be charged again."""
    standing = uow.session.exec(select(Subscription).where(Subscription.subscription_id == subscription_id)).first()
    return standing is not None and standing.state in RUNNING and _has_lost(uow, standing)


def deserted_subscription(uow: UnitOfWork, *, subscription_id: str) -> bool:
    """Whether a listing renews whose seller's workspace was deleted: nobody is left to be paid, so the paid month is the last one."""
    order = select(Subscription).where(Subscription.subscription_id == subscription_id, col(Subscription.is_cancelled).is_(False))
    standing = uow.session.exec(order).first()
    if standing is None or standing.seller_id is None or standing.state not in RUNNING:
        return False
    return is_closed(uow, standing.seller_id)


def tell_last_month(uow: UnitOfWork, *, subscription_id: str) -> None:
    """The gateway was heard to let such a subscription end: its buyer is told."""
    order = select(Subscription).where(Subscription.subscription_id == subscription_id, col(Subscription.is_cancelled))
    standing = uow.session.exec(order).first()
    if standing is not None:
        tell_deserted(uow, standing)


def _has_lost(uow: UnitOfWork, standing: Subscription) -> bool:
    return newest_lost(uow, standing) is not None
