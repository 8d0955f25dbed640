"""Installed listings of which a newer version is on the shelf that the workspace may take: for lists, the home page and letters."""

import uuid
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.uow import UnitOfWork
from models.listing import Install, Listing, ListingVersion
from models.purchase import HOLDING, Purchase
from models.subscription import Subscription


def find_newer(uow: UnitOfWork, *, most: int, slugs: Collection[str] | None = None) -> list[tuple[Listing, Install, str]]:
    """The listing, the install and the number of the version on the shelf, the last changed listing first, at most so many."""
    rows = (
        select(Listing, Install, ListingVersion.number)
        .join(Install, col(Install.listing_id) == col(Listing.id))
        .join(ListingVersion, col(ListingVersion.id) == col(Listing.version_id))
        .where(Install.workspace_id == uow.workspace_id, is_outdated(), may_have_later(uow.ports.clock.now()))
    )
    wanted = rows if slugs is None else rows.where(col(Listing.slug).in_(slugs))
    return [(row[0], row[1], row[2]) for row in uow.session.exec(wanted.order_by(col(Listing.updated_at).desc()).limit(most))]


def is_outdated() -> sa.ColumnElement[bool]:
    """Whether another version of a live listing is on the shelf than the joined install has."""
    return sa.and_(col(Listing.state) == "live", col(Listing.version_id) != col(Install.version_id))


def may_have_later(now: datetime) -> sa.ColumnElement[bool]:
    """Whether the workspace of an install may take later versions of its listing: it costs nothing, is its own, or is paid for."""
    return sa.or_(
        col(Listing.price_cents) == 0,
        col(Listing.workspace_id) == col(Install.workspace_id),
        _ordered(Purchase).where(col(Purchase.state).in_(HOLDING)).exists(),
        _ordered(Subscription).where(col(Subscription.paid_until) > now).exists(),
    )


def _ordered(kind: type[Purchase] | type[Subscription]) -> sa.Select[uuid.UUID]:
    mine = sa.and_(col(kind.workspace_id) == col(Install.workspace_id), col(kind.listing_id) == col(Install.listing_id))
    return sa.select(col(kind.id)).where(mine).correlate(Install)
