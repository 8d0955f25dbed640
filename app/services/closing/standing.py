"""How long a deleted workspace can be restored, and what is paid every month for it or to it."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from app.services.subscriptions.standing import RUNNING
from models.subscription import Subscription

GRACE = timedelta(days=14)


def running_orders(uow: UnitOfWork, workspace_id: uuid.UUID) -> Sequence[Subscription]:
    """Its plan, listings that it pays by the month, and listings of its own that others do; without those that end anyway."""
    concerned = (col(Subscription.workspace_id) == workspace_id) | (col(Subscription.seller_id) == workspace_id)
    renews = (
        col(Subscription.state).in_(RUNNING),
        col(Subscription.is_cancelled).is_(False),
        col(Subscription.subscription_id).is_not(None),
    )
    return uow.session.exec(select(Subscription).where(concerned, *renews).order_by(col(Subscription.id))).all()
