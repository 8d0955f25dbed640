"""The conversations with the payment gateway: each step in a unit of work of its own, the gateway asked in between. Routes call these.

They block; call them in a thread.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.core.errors import Conflict, Invalid
from app.core.payments import Buyer, Checkout, CheckoutWish, GatewayAccount, GatewayEvent, PaymentGateway, PaymentGone, PaymentRefused
from app.core.subscriptions import Gateway
from app.services import payments, subscriptions
from app.services.payments.payouts import PaymentsOff
from app.services.payments.reconciling import compare_order, orders_to_ask
from app.wiring import Wiring

T = TypeVar("T")
log = logging.getLogger(__name__)
Run = Callable[..., Any]
"""`run(service, **arguments)`: one service in one unit of work, as the person who asks."""
ROUNDS = 3  # of closing what is out of date and placing the order anew


class GatewaySaidNo(Conflict):
    """The gateway refuses; its words are for people."""

    code = "payment_refused"


def gateway_of(wiring: Wiring) -> Gateway:
    """The configured gateway, or PaymentsOff."""
    if wiring.ports.payments is None:
        raise PaymentsOff()
    return wiring.ports.payments


def buy(wiring: Wiring, run: Run, *, slug: str, seen_cents: int, coupon: str = "") -> str:
    """The address of the page on which the order is paid; the same one for a second click. The order's own page when it costs nothing."""
    gateway = gateway_of(wiring)
    try:
        for _ in range(ROUNDS):
            order: payments.Order = run(payments.place_order, slug=slug, seen_cents=seen_cents, coupon=coupon)
            if order.wish is None:
                return f"{wiring.settings.public_url}/purchases/{order.purchase_id}"
            checkout = _open(wiring, gateway, order, order.wish)
            if checkout is not None:
                if run(payments.note_checkout, purchase_id=order.purchase_id, checkout=checkout):
                    return checkout.url
                gateway.close_checkout(checkout.id)  # another tab has given this order up; nobody may pay it
    except PaymentRefused as refused:
        raise GatewaySaidNo(str(refused)) from refused
    raise Conflict("This offer is changing right now. Try again in a moment.")


def _open(wiring: Wiring, gateway: PaymentGateway, order: payments.Order, wish: CheckoutWish) -> Checkout | None:
    """None when the order's checkout was over or out of date, which is noted."""
    if order.known is None:
        return gateway.open_checkout(wish)
    if order.to_close:
        gateway.close_checkout(order.to_close)
    facts = gateway.facts(order.known.id)
    if facts is not None and facts.state == "open" and not order.to_close:
        return order.known
    if facts is not None:
        wiring.call(payments.apply_facts, None, facts=facts)
    return None


def take_back(wiring: Wiring, run: Run, *, purchase_id: str) -> None:
    """Refund an order, and apply what the gateway says then."""
    gateway = gateway_of(wiring)
    wish = run(payments.plan_refund, purchase_id=purchase_id)
    try:
        gateway.refund(wish.payment_id, amount_cents=wish.amount_cents, key=wish.key)
    except PaymentRefused as refused:
        run(payments.note_refund_refused, purchase_id=purchase_id, refusals=wish.refusals)
        raise GatewaySaidNo(str(refused)) from refused
    hear(wiring, wish.payment_id)


def hear(wiring: Wiring, subject: str) -> None:
    """Ask the gateway how a payment stands and apply it; it may be asked any time and any number of times."""
    facts = gateway_of(wiring).facts(subject)
    if facts is not None:
        wiring.call(payments.apply_facts, None, facts=facts)


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that our books and the gateway say differently, or said until it was mended."""

    text: str
    is_mended: bool


def reconcile_orders(wiring: Wiring, *, mend: bool = False) -> tuple[int, list[Difference]]:
    """How many orders were compared with the gateway, and which differ; with `mend` those are brought to what it says."""
    gateway, found = gateway_of(wiring), list[Difference]()
    orders = wiring.call(orders_to_ask, None, mode=gateway.mode)
    for asked in orders:
        facts = gateway.facts(asked.checkout_id)
        differs = wiring.call(compare_order, None, asked=asked, facts=facts)
        if differs and mend and facts is not None:
            wiring.call(payments.apply_facts, None, facts=facts)
            found.append(outcome(asked.purchase_id, differs, wiring.call(compare_order, None, asked=asked, facts=facts)))
        elif differs:
            found.append(Difference(f"{asked.purchase_id}: {differs}", is_mended=False))
    return len(orders), found


def outcome(name: str, before: str, after: str) -> Difference:
    """What came of mending."""
    return Difference(f"{name}: {after or before + ' (mended)'}", is_mended=not after)


def deliver(wiring: Wiring, *, body: bytes, signature: str) -> bool:
    """An event of the gateway: verified, the payment asked about, both written in one transaction. Raises EventRefused."""
    gateway = gateway_of(wiring)
    event = gateway.read_event(body, signature)
    if event.account:
        return _deliver_bank_news(wiring, event)
    asked_at = wiring.ports.clock.now()
    facts = gateway.facts(event.subject) if event.subject else None
    standing = gateway.subscription_facts(event.subject) if event.subject and facts is None else None
    with wiring.unit() as uow:
        is_news = payments.take_event(uow, event=event, facts=facts)
        if standing is not None:
            subscriptions.apply_subscription(uow, standing, asked_at=asked_at)
    if standing is not None:
        end_lost(wiring, standing.subscription_id)
    return is_news


def _deliver_bank_news(wiring: Wiring, event: GatewayEvent) -> bool:
    """News of a creator's own account: whether money may be sent there, and how a payout to their bank stands."""
    gateway = gateway_of(wiring)
    account = _told(gateway.account, event.account)
    fact = _told(gateway.bank_payout, event.account, event.subject) if event.subject else None
    with wiring.unit() as uow:
        is_news = payments.take_event(uow, event=event, facts=None)
        payments.take_bank_news(uow, account_id=event.account, account=account, fact=fact)
        return is_news


def _told(ask: Callable[..., T | None], *about: str) -> T | None:
    """What the gateway says; None of an account that was closed or cut off: asking again would change nothing.

    Any other refusal, as of a key that may not read accounts, is raised, so that the gateway repeats its news.
    """
    try:
        return ask(*about)
    except PaymentGone as gone:
        log.error("the gateway says nothing about %s: %s", about[-1], gone)
        return None


def end_lost(wiring: Wiring, subscription_id: str) -> None:
    """A month of a listing that a bank took back is over, and one whose seller was deleted is the last one: the gateway renews no more.

    Asking again changes nothing.
    """
    if not subscription_id:
        return
    is_lost: bool = wiring.call(subscriptions.lost_subscription, None, subscription_id=subscription_id)
    if not is_lost and not wiring.call(subscriptions.deserted_subscription, None, subscription_id=subscription_id):
        return
    gateway = gateway_of(wiring)
    try:
        (gateway.end_now if is_lost else gateway.cancel)(subscription_id)
    except PaymentRefused as refused:
        log.warning("a subscription that may not renew could not be ended, workers try again: %s", refused)
        return
    _hear_end(wiring, gateway, subscription_id)
    if not is_lost:
        wiring.call(subscriptions.tell_last_month, None, subscription_id=subscription_id)


def _hear_end(wiring: Wiring, gateway: Gateway, subscription_id: str) -> None:
    asked_at = wiring.ports.clock.now()
    facts = gateway.subscription_facts(subscription_id)
    if facts is not None:
        wiring.call(subscriptions.apply_subscription, None, facts=facts, asked_at=asked_at)


def send_again(wiring: Wiring, run: Run, *, payout_id: str) -> None:
    """Send a creator's money to their bank once more, after the bank refused it."""
    wish = run(payments.plan_send_again, payout_id=payout_id)
    try:
        fact = gateway_of(wiring).send_again(wish.account_id, amount_cents=wish.amount_cents, currency=wish.currency, key=wish.key)
    except PaymentRefused as refused:
        run(payments.note_send_refused, payout_id=payout_id, refusals=wish.refusals)
        raise GatewaySaidNo(str(refused)) from refused
    run(payments.note_sent_again, payout_id=payout_id, fact=fact)


def set_up_payouts(wiring: Wiring, run: Run) -> str:
    """Make or go on with the workspace's account at the gateway; returns where its owner completes it."""
    gateway = gateway_of(wiring)
    wish = run(payments.plan_payout_account)
    try:
        account = gateway.open_account(account_id=wish.account_id, reference=wish.reference, email=wish.email, return_url=wish.return_url)
        known = gateway.account(account.id)
    except PaymentRefused as refused:
        raise GatewaySaidNo(str(refused)) from refused
    run(payments.note_payout_account, account=known)
    return wish.return_url if known.is_ready else account.url


def look_at_payouts(wiring: Wiring, run: Run) -> GatewayAccount | None:
    """How the workspace's account stands at the gateway now, which is noted; None before one was made, or where it is gone."""
    account_id: str = run(payments.find_payout_account)
    account = _told(gateway_of(wiring).account, account_id) if account_id else None
    if account is not None:
        wiring.call(payments.take_bank_news, None, account_id=account_id, account=account, fact=None)
    return account


def pay_out(wiring: Wiring, run: Run) -> None:
    """Send a creator what is available, or go on with a payout whose answer never came."""
    gateway = gateway_of(wiring)
    wishes = run(payments.unfinished_payouts) or [run(payments.start_payout)]
    for wish in wishes:
        try:
            transfer = gateway.transfer(wish.account_id, amount_cents=wish.amount_cents, currency=wish.currency, key=wish.key)
        except PaymentRefused as refused:
            run(payments.fail_payout, payout_id=wish.payout_id, reason=str(refused))
            raise GatewaySaidNo(str(refused)) from refused
        run(payments.finish_payout, payout_id=wish.payout_id, transfer_id=transfer)


NOBODY = Buyer()


def pay_with_test_card(wiring: Wiring, *, checkout_id: str, card: str, buyer: Buyer = NOBODY) -> str:
    """The test gateway's Pay button: takes the card, sends its event, and returns where the buyer goes back to.

    An invoice that is open already has its buyer; every other payment is refused without what the installation asks for.
    """
    gateway: Any = gateway_of(wiring)
    if not gateway.is_local:
        raise PaymentsOff()
    page = gateway.page(checkout_id)
    if page is None:
        raise Invalid("There is no such payment. Go back to the listing and start again.", fields={"card": "There is no such payment."})
    is_invoice = checkout_id.startswith("in_")
    missing = {} if is_invoice else buyer.missing(gateway.taxes)
    if missing:
        raise Invalid(" ".join(missing.values()), fields=missing)
    try:
        problem = gateway.pay(checkout_id, card=card, billed_to=buyer.lines)
    except PaymentRefused as refused:
        problem = str(refused)
    if problem:
        raise Invalid(problem, fields={"card": problem})
    kind = "invoice.paid" if is_invoice else "checkout.session.completed"
    body, signature = gateway.event(kind, checkout_id.replace("in_", "pi_", 1))
    deliver(wiring, body=body, signature=signature)
    return page["success_url"]
