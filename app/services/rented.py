"""Copies of listings run while what was paid for them counts: a month until its end, a price until it went back. What is there stays."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

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


class TakenBack(LimitReached):
    """What was paid for it went back to the buyer."""

    status = 402
    code = "taken_back"

    def __init__(self, title: str, slug: str) -> None:
        super().__init__(
            f"What was paid for “{title}” went back, so it starts no runs. What it has made stays. "
            f"Buy it again on its page in the marketplace (/marketplace/{slug})."
        )


def refuse_lapsed(
    uow: UnitOfWork, *, workflows: Collection[uuid.UUID] = (), agents: Collection[str] = (), listings: Collection[str] = ()
) -> None:
    """Raise RentOver or TakenBack when one of these came with a listing that is paid for no more; `listings` are such, by short name."""
    lapsed = _lapsed(uow) if workflows or agents or listings else {}
    if not lapsed:
        return
    origins = _origins(uow, workflows, agents)
    for slug in (*listings, *(str(origin.get("listing")) for origin in origins if isinstance(origin, dict))):
        if slug in lapsed:
            raise lapsed[slug]


def _unpaid_copies() -> sa.Select[Any, Any, Any]:
    """What came by a payment to a workspace that has neither bought it nor a month of it that is not over.

    What was there before it was bought came for nothing, and stays so.
    """
    here = sa.bindparam("workspace_id")
    now = sa.bindparam("now")
    rent = sa.exists().where(
        col(Subscription.workspace_id) == here, col(Subscription.listing_id) == col(Listing.id), col(Subscription.paid_until) > now
    )
    bought = sa.exists().where(
        col(Purchase.workspace_id) == here, col(Purchase.listing_id) == col(Listing.id), col(Purchase.state).in_(HOLDING)
    )
    returned = sa.exists().where(
        col(Purchase.workspace_id) == here, col(Purchase.listing_id) == col(Listing.id), col(Purchase.state).in_(("refunded", "lost")),
        col(Purchase.paid_at) <= col(Install.created_at),
    )  # fmt: skip
    told = (col(Listing.slug), col(Listing.name), col(Install.is_rented))
    copies = sa.select(*told).join(Install, col(Install.listing_id) == col(Listing.id))
    is_paid = sa.and_(col(Install.workspace_id) == here, col(Listing.price_cents) > 0, sa.or_(col(Install.is_rented), returned))
    return copies.where(is_paid, sa.not_(sa.or_(rent, bought)))


_UNPAID = _unpaid_copies()  # asked at every start, so it is written down once


def _lapsed(uow: UnitOfWork) -> dict[str, LimitReached]:
    """By slug: what to say of the listings here that are not paid for now."""
    asked = {"workspace_id": uow.workspace_id, "now": uow.ports.clock.now()}
    rows = uow.session.connection().execute(_UNPAID, asked)
    return {row.slug: (RentOver if row.is_rented else TakenBack)(row.name, row.slug) for row in rows}


def _origins(uow: UnitOfWork, workflows: Collection[uuid.UUID], agents: Collection[str]) -> Iterable[object]:
    made = select(Workflow.origin).where(Workflow.workspace_id == uow.workspace_id, col(Workflow.id).in_(workflows))
    named = select(Agent.origin).where(Agent.workspace_id == uow.workspace_id, col(Agent.slug).in_(agents))
    return (*uow.session.exec(made).all(), *uow.session.exec(named).all())
