"""The standing order itself, for a plan or a listing: one per claim, at the price as it is now, however often it is asked for."""

import uuid
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict
from app.core.payments import Checkout
from app.core.subscriptions import Discount, Price, SubscriptionWish
from app.core.uow import UnitOfWork
from app.services.coupons import redeeming
from app.services.coupons.redeeming import Offer
from app.services.payments.noting import checkout_key
from app.services.payments.payouts import gateway_of
from app.services.subscriptions.standing import RUNNING
from models.ids import new_id
from models.subscription import Subscription
from models.user import User


class AlreadySubscribed(Conflict):
    """One thing is paid for once at a time."""

    code = "already_subscribed"


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """What the edge does next: close the checkout `to_close` and ask again, or open the one of `wish`."""

    order_id: uuid.UUID
    wish: SubscriptionWish
    to_close: str = ""
    known: Checkout | None = None


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is paid every month. `of_listing` are the columns that only a listing's order has; `back` is where one leaves without paying."""

    claim: str
    price: Price
    back: str
    paid_already: str
    of_listing: dict[str, Any] = field(default_factory=dict)
    offer: Offer | None = None


def open_order(uow: UnitOfWork, ordered: Ordered) -> PlanOrder:
    """The order that stands for the claim, made if there is none; the caller has checked price and permission."""
    mode, price = gateway_of(uow).mode, ordered.price
    order = find_order(uow, ordered.claim) or _insert(uow, ordered, mode)
    if order.state in RUNNING:
        raise AlreadySubscribed(ordered.paid_already)
    known = Checkout(order.checkout_id, order.checkout_url) if order.checkout_id else None
    coupon_id = ordered.offer.coupon_id if ordered.offer else None
    stands = (order.price_key, order.mode, order.version_id, order.coupon_id)
    is_stale = stands != (price.key, mode, ordered.of_listing.get("version_id"), coupon_id)
    if is_stale and known is None:  # nobody could pay it yet
        give_up(uow, order)
        order, is_stale = _insert(uow, ordered, mode), False
    return PlanOrder(order.id, _wish(uow, order, ordered.back), to_close=known.id if known and is_stale else "", known=known)


def find_order(uow: UnitOfWork, claim: str) -> Subscription | None:
    """The standing order of this claim, locked."""
    return uow.session.exec(uow.scoped(Subscription).where(Subscription.claim == claim).with_for_update()).first()


def give_up(uow: UnitOfWork, order: Subscription) -> None:
    """The order came to nothing; its coupon can be used again."""
    order.state, order.claim = "expired", None
    uow.session.add(order)
    uow.session.flush()
    redeeming.release(uow, order.id)


def note_order_checkout(order: Subscription | None, checkout: Checkout) -> bool:
    """Remember where it is paid; False when another order or page took its place while this one was opened."""
    if order is None or order.claim is None:
        return False
    if order.checkout_id in (None, checkout.id):
        order.checkout_id, order.checkout_url = checkout.id, checkout.url
    return order.checkout_id == checkout.id


def page_of(order: Subscription) -> str:
    """Where people see what they pay for."""
    return f"/purchases/{order.id}" if order.seller_id else "/settings/plan"


def _insert(uow: UnitOfWork, ordered: Ordered, mode: str) -> Subscription:
    assert uow.actor
    now, connection, price = uow.ports.clock.now(), uow.session.connection(), ordered.price
    row = Subscription(
        id=new_id(), workspace_id=uow.workspace_id, buyer_id=uow.actor.user_id, title=price.title, price_key=price.key,
        amount_cents=price.amount_cents, currency=price.currency, mode=mode, claim=ordered.claim, created_at=now, updated_at=now,
        **(ordered.of_listing | _taken_off(ordered.offer)),
    )  # fmt: skip
    table: sa.Table = Subscription.__table__  # type: ignore[attr-defined]
    once = insert_into(connection, table).values(row.model_dump()).on_conflict_do_nothing(index_elements=["claim"])
    if is_inserted(connection, once):
        record(uow.trail, kind="subscription", resource_id=row.id, name=row.title, changes={"amount_cents": [None, row.amount_cents]})
        if ordered.offer is not None:
            redeeming.hold(uow, ordered.offer, order_id=row.id)
    # in a second tab the row of the first is the one that stands
    return uow.session.exec(select(Subscription).where(col(Subscription.claim) == ordered.claim).with_for_update()).one()


def _wish(uow: UnitOfWork, order: Subscription, back: str) -> SubscriptionWish:
    assert uow.actor
    email = uow.session.exec(select(User.email).where(User.id == uow.actor.user_id)).one()
    price, site = Price(order.price_key, order.title, order.amount_cents, order.currency), uow.ports.public_url
    discount = Discount(order.coupon_code, order.discount_cents, order.discount_months) if order.discount_cents else None
    key = checkout_key(f"subscription-{order.id}", email)
    return SubscriptionWish(str(order.id), key, price, email, f"{site}{page_of(order)}", f"{site}{back}", discount)


def _taken_off(offer: Offer | None) -> dict[str, Any]:
    if offer is None or offer.coupon_id is None:
        return {}
    told = {"discount_cents": offer.discount_cents, "discount_months": offer.months}
    return told | {"coupon_id": offer.coupon_id, "coupon_code": offer.code}
