"""Copies of listings that are paid by the month run while that lasts; whatever starts runs asks here. What is there stays."""

import uuid
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import LimitReached
from app.core.uow import UnitOfWork
from models.agent import Agent
from models.listing import Install, Listing
from models.purchase import HOLDING, Purchase
from models.subscription import Subscription
from models.workflow import Workflow


class RentOver(LimitReached):
    """The month that was paid for is over."""

    status = 402
    code = "rent_over"

    def __init__(self, title: str, slug: str) -> None:
        super().__init__(
            f"“{title}” is paid by the month, and nothing is paid for it now, so it starts no runs. What it has made stays. "
            f"Subscribe again on its page in the marketplace (/marketplace/{slug})."
        )


def refuse_lapsed(
    uow: UnitOfWork, *, workflows: Collection[uuid.UUID] = (), agents: Collection[str] = (), listings: Collection[str] = ()
) -> None:
    """Raise RentOver when one of these came with a listing whose monthly payment has ended; `listings` are such, by short name."""
    lapsed = _lapsed(uow) if workflows or agents or listings else {}
    if not lapsed:
        return
    origins = _origins(uow, workflows, agents)
    for slug in (*listings, *(str(origin.get("listing")) for origin in origins if isinstance(origin, dict))):
        if slug in lapsed:
            raise RentOver(lapsed[slug], slug)


def _unpaid_copies() -> sa.Select[str, str]:
    """Slug and name of what came by the month to a workspace that has neither bought it nor a month of it that is not over."""
    here = sa.bindparam("workspace_id")
    now = sa.bindparam("now")
    rent = sa.exists().where(
        col(Subscription.workspace_id) == here, col(Subscription.listing_id) == col(Listing.id), col(Subscription.paid_until) > now
    )
    bought = sa.exists().where(
        col(Purchase.workspace_id) == here, col(Purchase.listing_id) == col(Listing.id), col(Purchase.state).in_(HOLDING)
    )
    copies = sa.select(col(Listing.slug), col(Listing.name)).join(Install, col(Install.listing_id) == col(Listing.id))
    is_rented = sa.and_(col(Install.workspace_id) == here, col(Install.is_rented), col(Listing.price_cents) > 0)
    return copies.where(is_rented, sa.not_(sa.or_(rent, bought)))


_UNPAID = _unpaid_copies()  # asked at every start, so it is written down once


def _lapsed(uow: UnitOfWork) -> dict[str, str]:
    """Slug and name of the listings here that came by the month and are not paid for now."""
    asked = {"workspace_id": uow.workspace_id, "now": uow.ports.clock.now()}
    return {row.slug: row.name for row in uow.session.connection().execute(_UNPAID, asked)}


def _origins(uow: UnitOfWork, workflows: Collection[uuid.UUID], agents: Collection[str]) -> Iterable[object]:
    made = select(Workflow.origin).where(Workflow.workspace_id == uow.workspace_id, col(Workflow.id).in_(workflows))
    named = select(Agent.origin).where(Agent.workspace_id == uow.workspace_id, col(Agent.slug).in_(agents))
    return (*uow.session.exec(made).all(), *uow.session.exec(named).all())
