"""The platform's part of a listing's sales at this moment."""

import uuid

from sqlmodel import col, select

from app.core.uow import UnitOfWork
from models.fee import ListingFee


def fee_of(uow: UnitOfWork, listing_id: uuid.UUID, usual_bps: int) -> int:
    """In basis points: the newest that operators have set and that has begun, or the usual one."""
    begun = select(ListingFee.fee_bps).where(ListingFee.listing_id == listing_id, ListingFee.starts_at <= uow.ports.clock.now())
    found = uow.session.exec(begun.order_by(col(ListingFee.starts_at).desc(), col(ListingFee.id).desc())).first()
    return usual_bps if found is None else found
