"""How long a deleted workspace can be restored, what is paid every month for it or to it, and what is about to be paid."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.subscriptions.standing import RUNNING
from models.purchase import Purchase
from models.subscription import Subscription

GRACE = timedelta(days=14)


def running_orders(uow: UnitOfWork, workspace_id: uuid.UUID) -> Sequence[Subscription]:
    """Its plan, listings that it pays by the month, and listings of its own that others do; without those that end anyway.

    Only what the gateway of now can end: another one's, as of the time before there was a key, charges nobody.
    """
    concerned = (col(Subscription.workspace_id) == workspace_id) | (col(Subscription.seller_id) == workspace_id)
    renews = (
        col(Subscription.state).in_(RUNNING),
        col(Subscription.is_cancelled).is_(False),
        col(Subscription.subscription_id).is_not(None),
        Subscription.mode == mode_of(uow),
    )
    return uow.session.exec(select(Subscription).where(concerned, *renews).order_by(col(Subscription.id))).all()


def open_checkouts(uow: UnitOfWork, workspace_id: uuid.UUID) -> tuple[str, ...]:
    """Pages of the gateway on which it could still pay, or others for its listings."""
    found: list[str] = []
    for order in (Purchase, Subscription):
        concerned = (col(order.workspace_id) == workspace_id) | (col(order.seller_id) == workspace_id)
        is_open = (order.state == "pending", col(order.claim).is_not(None), order.mode == mode_of(uow))
        found += [one for one in uow.session.exec(select(order.checkout_id).where(concerned, *is_open).order_by(col(order.id))) if one]
    return tuple(found)


def mode_of(uow: UnitOfWork) -> str:
    """live or test, as the gateway of now; nothing was ever ordered at none."""
    return uow.ports.payments.mode if uow.ports.payments else "none"
