"""The platform's part of a listing's sales at this moment."""

import uuid
from collections.abc import Collection

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from models.fee import ListingFee


def fee_of(uow: UnitOfWork, listing_id: uuid.UUID, usual_bps: int) -> int:
    """In basis points: the newest that operators have set and that has begun, or the usual one."""
    found = fees_of(uow, [listing_id]).get(listing_id)
    return usual_bps if found is None else found.fee_bps


def fees_of(uow: UnitOfWork, listing_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, ListingFee]:
    """By listing: what counts now. Listings for which nothing was set, or has begun, are left out."""
    begun = select(ListingFee).where(col(ListingFee.listing_id).in_(listing_ids), ListingFee.starts_at <= uow.ports.clock.now())
    rows = uow.session.exec(begun.order_by(col(ListingFee.starts_at), col(ListingFee.id)))
    return {row.listing_id: row for row in rows}
