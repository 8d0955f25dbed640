"""The conversations with the payment gateway about monthly payments: each step in a unit of work of its own, the gateway in between.

They block; call them in a thread.
"""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial

from app.checkout import ROUNDS, Difference, GatewaySaidNo, Run, end_lost, gateway_of, outcome
from app.core.errors import AppError, Conflict
from app.core.money import format_cents
from app.core.payments import Checkout, PaymentRefused
from app.core.subscriptions import Gateway, InvoiceFact, Proration
from app.services import subscriptions
from app.services.payments.buying import PriceChanged
from app.services.subscriptions import PlanChange, PlanOrder
from app.services.subscriptions.reconciling import compare_invoice, standings_to_ask
from app.views.plans import ChangePreview
from app.wiring import Wiring

log = logging.getLogger(__name__)


def order_plan(wiring: Wiring, run: Run, *, plan: object, seen_cents: object) -> str:
    """The address of the page on which the first month is paid; the same one for a second click."""
    place = partial(run, subscriptions.place_plan_order, plan=plan, seen_cents=seen_cents)
    return _order(wiring, place, partial(run, subscriptions.note_plan_checkout))


def order_listing(wiring: Wiring, run: Run, *, slug: object, seen_cents: object, coupon: object = "") -> str:
    """The same for a month of a listing."""
    place = partial(run, subscriptions.place_rent_order, slug=slug, seen_cents=seen_cents, coupon=coupon)
    return _order(wiring, place, partial(run, subscriptions.note_rent_checkout))


def end_listing(wiring: Wiring, run: Run, *, order_id: object) -> None:
    """Let a monthly listing end with the month that is paid."""
    subject: str = run(subscriptions.plan_rent_end, order_id=order_id)
    with refusals():
        gateway_of(wiring).cancel(subject)
    hear_standing(wiring, subject)


def keep_listing(wiring: Wiring, run: Run, *, order_id: object) -> None:
    """Take that back."""
    subject, price = run(subscriptions.plan_rent_keep, order_id=order_id)
    with refusals():
        gateway_of(wiring).change_later(subject, price=price)
    hear_standing(wiring, subject)


def take_month_back(wiring: Wiring, run: Run, *, order_id: object) -> None:
    """Return the newest month of a listing and end it. It renews no more before money moves: a crash in between charges nobody."""
    gateway, wish = gateway_of(wiring), run(subscriptions.plan_month_back, order_id=order_id)
    with refusals():
        gateway.cancel(wish.subscription_id)
        try:
            gateway.refund(wish.payment_id, amount_cents=wish.amount_cents, key=wish.key)
        except PaymentRefused:
            run(subscriptions.note_month_refused, order_id=order_id, refusals=wish.refusals)
            raise
        gateway.end_now(wish.subscription_id)
    hear_standing(wiring, wish.payment_id)


def preview(wiring: Wiring, run: Run, *, plan: object) -> ChangePreview:
    """What going over to a plan would cost and when it would happen; nothing changes."""
    change: PlanChange = run(subscriptions.plan_change, plan=plan)
    proration = _proration(gateway_of(wiring), change)
    return subscriptions.describe_change(plan, change, proration)


def change_plan(wiring: Wiring, run: Run, *, plan: object, at: object, seen_cents: object) -> None:
    """Go over to a plan as it was previewed; refused when it would cost anything else."""
    gateway = gateway_of(wiring)
    change: PlanChange = run(subscriptions.plan_change, plan=plan, at=at)
    proration = _proration(gateway, change)
    due = proration.due_cents if proration else 0
    if type(seen_cents) is not int or seen_cents != due:
        raise PriceChanged(format_cents(due))
    with refusals():
        try:
            _act(gateway, change)
        except PaymentRefused:
            run(subscriptions.note_change_refused, change=change)
            raise
    hear_standing(wiring, change.subscription_id)


def hear_standing(wiring: Wiring, subject: str) -> bool:
    """Ask the gateway how a subscription stands and apply it; it may be asked any time and any number of times.

    Returns whether the gateway knows it.
    """
    asked_at = wiring.ports.clock.now()
    facts = gateway_of(wiring).subscription_facts(subject)
    if facts is not None:
        wiring.call(subscriptions.apply_subscription, None, facts=facts, asked_at=asked_at)
        end_lost(wiring, facts.subscription_id)
    return facts is not None


def ask_due(wiring: Wiring) -> int:
    """Ask about what renewed or was to be paid meanwhile; gateways may have told it, or an event was lost. Returns how many."""
    if wiring.ports.payments is None:
        return 0
    due = wiring.call(subscriptions.due_subscriptions, None, mode=wiring.ports.payments.mode)
    for subject in due:
        try:
            if not hear_standing(wiring, subject):
                wiring.call(subscriptions.stop_looking, None, subscription_id=subject)
        except (AppError, PaymentRefused) as away:
            log.warning("the gateway was not heard about %s: %s", subject, away)
    return len(due)


def reconcile_invoices(wiring: Wiring, *, mend: bool = False) -> tuple[int, list[Difference]]:
    """How many invoices were compared with the gateway, and which differ; with `mend` those are brought to what it says."""
    gateway, count, found = gateway_of(wiring), 0, list[Difference]()
    for subject in wiring.call(standings_to_ask, None, mode=gateway.mode):
        facts = gateway.subscription_facts(subject)
        if facts is None:
            found.append(Difference(f"{subject}: the gateway does not know this subscription", is_mended=False))
        for one in facts.invoices if facts else ():
            fact, count = _asked_anew(gateway, one), count + 1
            differs = wiring.call(compare_invoice, None, fact=fact)
            if differs and mend:
                hear_standing(wiring, subject)  # the page to pay on, where its subscription is not known here
                hear_standing(wiring, one.payment_id or subject)
                found.append(outcome(one.number, differs, wiring.call(compare_invoice, None, fact=_asked_anew(gateway, one))))
            elif differs:
                found.append(Difference(f"{one.number}: {differs}", is_mended=False))
    return count, found


def _asked_anew(gateway: Gateway, one: InvoiceFact) -> InvoiceFact:
    """With what is told of its payment only where that is asked about."""
    asked = gateway.subscription_facts(one.payment_id) if one.payment_id else None
    return next((each for each in asked.invoices if each.id == one.id), one) if asked else one


def _order(wiring: Wiring, place: Callable[[], PlanOrder], note: Callable[..., bool]) -> str:
    gateway = gateway_of(wiring)
    with refusals():
        for _ in range(ROUNDS):
            order = place()
            checkout = _open(wiring, gateway, order)
            if checkout is not None:
                if note(order_id=order.order_id, checkout=checkout):
                    return checkout.url
                gateway.close_checkout(checkout.id)  # another tab has given this order up; nobody may pay it
    raise Conflict("This order is changing right now. Try again in a moment.")


@contextmanager
def refusals() -> Generator[None]:
    """Around what the gateway is asked for: what it refuses is told in its words."""
    try:
        yield
    except PaymentRefused as refused:
        raise GatewaySaidNo(str(refused)) from refused


def _open(wiring: Wiring, gateway: Gateway, order: PlanOrder) -> Checkout | None:
    """None when the order's checkout was over or out of date, which is noted."""
    if order.known is None:
        return gateway.open_subscription(order.wish)
    if order.to_close:
        gateway.close_checkout(order.to_close)
    facts = gateway.subscription_facts(order.known.id)
    if facts is not None and facts.state == "open" and not order.to_close:
        return order.known
    if facts is not None:
        hear_standing(wiring, order.known.id)
    return None


def _proration(gateway: Gateway, change: PlanChange) -> Proration | None:
    if change.kind != "up":
        return None
    with refusals():
        return gateway.preview_change(change.subscription_id, price=change.price, at=change.at)


def _act(gateway: Gateway, change: PlanChange) -> None:
    if change.kind == "up":
        gateway.change_now(change.subscription_id, price=change.price, at=change.at, key=change.key)
    elif change.kind == "cancel":
        gateway.cancel(change.subscription_id)
    elif change.kind == "end":
        gateway.end_now(change.subscription_id)
    else:
        gateway.change_later(change.subscription_id, price=change.price)
