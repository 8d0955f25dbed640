"""The platform's part of a listing's sales: what operators set for it from a day on. Orders keep the part of their moment."""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from sqlmodel import col, select

from app.core.errors import Invalid
from app.core.money import PLATFORM_BPS
from app.core.uow import UnitOfWork
from app.services.market.moderating import find_listing
from app.services.operators import require_operator
from app.services.payments.fees import fee_of, fees_of
from app.views.market import FeeRow
from models.fee import ListingFee
from models.listing import Listing

MOST = 200
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?")


def set_listing_fee(uow: UnitOfWork, *, slug: object, percent: object, starts_on: object = "") -> FeeRow:
    """From a day on (in UTC, at once without one) the platform has this part of what a listing brings."""
    require_operator(uow)
    return change_fee(uow, slug=slug, percent=percent, starts_on=starts_on)


def list_listing_fees(uow: UnitOfWork) -> tuple[FeeRow, ...]:
    """What was set, the newest first."""
    require_operator(uow)
    return read_fees(uow)


def change_fee(uow: UnitOfWork, *, slug: object, percent: object, starts_on: object = "") -> FeeRow:
    """The same for the console."""
    listing = find_listing(uow, slug)
    row = ListingFee(
        workspace_id=listing.workspace_id, listing_id=listing.id, fee_bps=_bps(percent), starts_at=_moment(uow, starts_on),
        set_by=uow.actor.user_id if uow.actor else None,
    )  # fmt: skip
    uow.session.add(row)
    uow.session.flush()
    return _row(row, listing, fees_of(uow, [listing.id]))


def read_fees(uow: UnitOfWork) -> tuple[FeeRow, ...]:
    """The same for the console."""
    found = select(ListingFee, Listing).join(Listing, col(Listing.id) == col(ListingFee.listing_id))
    rows = uow.session.exec(found.order_by(col(ListingFee.id).desc()).limit(MOST)).all()
    counting = fees_of(uow, {listing.id for _, listing in rows})
    return tuple(_row(fee, listing, counting) for fee, listing in rows)


def share_text(uow: UnitOfWork, listing: Listing) -> str:
    """What its seller keeps of a sale now."""
    return f"{percent_text(10_000 - fee_of(uow, listing.id, listing.fee_bps))} %"


def percent_text(bps: int) -> str:
    """`1250` as `12.5`."""
    return f"{bps / 100:g}"


def usual_fee() -> str:
    """What counts where nothing was set."""
    return percent_text(PLATFORM_BPS)


def _row(fee: ListingFee, listing: Listing, counting: Mapping[uuid.UUID, ListingFee]) -> FeeRow:
    is_now = listing.id in counting and fee.id == counting[listing.id].id
    return FeeRow(str(fee.id), listing.name, listing.slug, listing.creator, percent_text(fee.fee_bps), fee.starts_at, is_now)


def _bps(percent: object) -> int:
    text = str(percent).strip().removesuffix("%").strip() if isinstance(percent, (str, int)) and not isinstance(percent, bool) else ""
    match = _PERCENT.fullmatch(text) if text.isascii() else None
    bps = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else -1
    if not 0 <= bps <= 10_000:
        told = "Write a percentage from 0 to 100, such as 15 or 12.5."
        raise Invalid(told, fields={"percent": told})
    return bps


def _moment(uow: UnitOfWork, day: object) -> datetime:
    """Orders of earlier moments keep their part, so a day that is over would change nothing."""
    now = uow.ports.clock.now()
    if day in (None, ""):
        return now
    try:
        moment = datetime.combine(date.fromisoformat(day), time(tzinfo=UTC)) if isinstance(day, str) and len(day) == 10 else None
    except ValueError:
        moment = None
    if moment is None or moment.date() < now.date():
        told = "Write a day from today on, such as 2027-03-31; leave it empty for at once."
        raise Invalid(told, fields={"starts_on": told})
    return max(moment, now)
