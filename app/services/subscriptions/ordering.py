"""Ordering a plan: one order stands per workspace, at the price as it is now, whatever a browser sends and however often it asks."""

import uuid

from app.core.errors import Invalid
from app.core.money import format_cents
from app.core.payments import Checkout
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.payments.buying import PriceChanged
from app.services.payments.payouts import gateway_of
from app.services.plans.catalogue import PLANS, Plan, default_plan
from app.services.subscriptions.opening import Ordered, PlanOrder, note_order_checkout, open_order
from app.services.subscriptions.pricing import price_of
from app.services.subscriptions.standing import claim_of, refuse_fixed
from models.subscription import Subscription

PAID_ALREADY = "This workspace pays for a plan already. Change that one instead of ordering another."


def find_plan(uow: UnitOfWork, key: object) -> Plan:
    """A plan that can be bought here."""
    plan = PLANS.get(key) if isinstance(key, str) else None
    default = PLANS.get(default_plan(uow, is_held=True))
    if plan is None or not plan.price_cents or default is None or plan.price_cents <= (default.price_cents or 0):
        least = (default.price_cents or 0) if default else 0
        known = ", ".join(one.key for one in PLANS.values() if one.price_cents and default and one.price_cents > least)
        raise Invalid("This plan cannot be bought here.", fields={"plan": f"Choose one of: {known or 'none'}."})
    return plan


def place_plan_order(uow: UnitOfWork, *, plan: object, seen_cents: object) -> PlanOrder:
    """The standing order of the workspace, made if there is none; refused when the price is not the one seen."""
    require(uow, Permission.MANAGE_WORKSPACE)
    gateway_of(uow)
    price = price_of(find_plan(uow, plan))
    refuse_fixed(uow)
    if type(seen_cents) is not int or seen_cents != price.amount_cents:
        raise PriceChanged(format_cents(price.amount_cents, price.currency))
    return open_order(uow, Ordered(claim_of(uow), price, "/settings/plan", PAID_ALREADY))


def note_plan_checkout(uow: UnitOfWork, *, order_id: uuid.UUID, checkout: Checkout) -> bool:
    """Remember where the order is paid; False when another one took its place while the page was opened."""
    require(uow, Permission.MANAGE_WORKSPACE)
    order = uow.session.exec(uow.scoped(Subscription).where(Subscription.id == order_id).with_for_update()).first()
    return note_order_checkout(order, checkout)
