"""Ordering a plan: one order stands per workspace, at the price as it is now, whatever a browser sends and however often it asks."""

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, Invalid
from app.core.money import format_cents
from app.core.payments import Checkout
from app.core.permissions import Permission, require
from app.core.subscriptions import Price, SubscriptionWish
from app.core.uow import UnitOfWork
from app.services.payments.buying import PriceChanged
from app.services.payments.payouts import gateway_of
from app.services.plans.catalogue import PLANS, Plan
from app.services.subscriptions.pricing import price_of
from app.services.subscriptions.standing import RUNNING, claim_of, find_standing, refuse_fixed
from models.ids import new_id
from models.subscription import Subscription
from models.user import User


class AlreadySubscribed(Conflict):
    """One plan is paid for at a time."""

    code = "already_subscribed"

    def __init__(self) -> None:
        super().__init__("This workspace pays for a plan already. Change that one instead of ordering another.")


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """What the edge does next: close the checkout `to_close` and ask again, or open the one of `wish`."""

    order_id: uuid.UUID
    wish: SubscriptionWish
    to_close: str = ""
    known: Checkout | None = None


def find_plan(uow: UnitOfWork, key: object) -> Plan:
    """A plan that can be bought here."""
    plan = PLANS.get(key) if isinstance(key, str) else None
    default = PLANS.get(uow.ports.default_plan)
    if plan is None or not plan.price_cents or default is None or plan.price_cents <= (default.price_cents or 0):
        least = (default.price_cents or 0) if default else 0
        known = ", ".join(one.key for one in PLANS.values() if one.price_cents and default and one.price_cents > least)
        raise Invalid("This plan cannot be bought here.", fields={"plan": f"Choose one of: {known or 'none'}."})
    return plan


def place_plan_order(uow: UnitOfWork, *, plan: object, seen_cents: object) -> PlanOrder:
    """The standing order of the workspace, made if there is none; refused when the price is not the one seen."""
    require(uow, Permission.MANAGE_WORKSPACE)
    mode, price = gateway_of(uow).mode, price_of(find_plan(uow, plan))
    refuse_fixed(uow)
    if type(seen_cents) is not int or seen_cents != price.amount_cents:
        raise PriceChanged(format_cents(price.amount_cents, price.currency))
    order = find_standing(uow, lock=True) or _insert(uow, price, mode)
    if order.state in RUNNING:
        raise AlreadySubscribed()
    known = Checkout(order.checkout_id, order.checkout_url) if order.checkout_id else None
    is_stale = (order.price_key, order.mode) != (price.key, mode)
    if is_stale and known is None:  # nobody could pay it yet
        order.state, order.claim = "expired", None
        uow.session.flush()
        order, is_stale = _insert(uow, price, mode), False
    return PlanOrder(order.id, _wish(uow, order), to_close=known.id if known and is_stale else "", known=known)


def note_plan_checkout(uow: UnitOfWork, *, order_id: uuid.UUID, checkout: Checkout) -> None:
    """Remember where the order is paid."""
    require(uow, Permission.MANAGE_WORKSPACE)
    order = uow.session.exec(uow.scoped(Subscription).where(Subscription.id == order_id).with_for_update()).first()
    if order is not None and order.checkout_id in (None, checkout.id):
        order.checkout_id, order.checkout_url = checkout.id, checkout.url


def _insert(uow: UnitOfWork, price: Price, mode: str) -> Subscription:
    assert uow.actor
    now, connection, claim = uow.ports.clock.now(), uow.session.connection(), claim_of(uow)
    row = Subscription(
        id=new_id(), workspace_id=uow.workspace_id, buyer_id=uow.actor.user_id, title=price.title, price_key=price.key,
        amount_cents=price.amount_cents, currency=price.currency, mode=mode, claim=claim, created_at=now, updated_at=now,
    )  # fmt: skip
    table: sa.Table = Subscription.__table__  # type: ignore[attr-defined]
    once = insert_into(connection, table).values(row.model_dump()).on_conflict_do_nothing(index_elements=["claim"])
    if is_inserted(connection, once):
        record(uow.trail, kind="subscription", resource_id=row.id, name=row.title, changes={"amount_cents": [None, row.amount_cents]})
    # in a second tab the row of the first is the one that stands
    return uow.session.exec(select(Subscription).where(col(Subscription.claim) == claim).with_for_update()).one()


def _wish(uow: UnitOfWork, order: Subscription) -> SubscriptionWish:
    assert uow.actor
    email = uow.session.exec(select(User.email).where(User.id == uow.actor.user_id)).one()
    price = Price(order.price_key, order.title, order.amount_cents, order.currency)
    page = f"{uow.ports.public_url}/settings/plan"
    return SubscriptionWish(str(order.id), f"subscription-{order.id}", price, email, page, page)
