"""The addresses of what visitors may read, for the site map that search engines ask for."""

import sqlalchemy as sa
from sqlmodel import col

from app.core.permissions import Permission, require_or_visitor
from app.core.uow import UnitOfWork
from app.services.market.shelves import CATEGORIES
from app.views.addresses import PublicAddress
from models.listing import Listing

PART = 10_000  # the format allows 50,000 addresses and 50 MB a file
MOST_PARTS = 500


def get_address_parts(uow: UnitOfWork) -> int:
    """How many parts of listings there are; part 0, with shelves and creators, comes besides."""
    require_or_visitor(uow, Permission.VIEW)
    live = sa.select(sa.func.count()).select_from(Listing).where(col(Listing.state) == "live")
    return min(-(-uow.session.connection().execute(live).scalar_one() // PART), MOST_PARTS)


def list_addresses(uow: UnitOfWork, *, part: object) -> tuple[PublicAddress, ...]:
    """Part 0: the home page, its shelves and the creators. Part n: listings, in the order in which they came."""
    require_or_visitor(uow, Permission.VIEW)
    connection = uow.session.connection()
    live = col(Listing.state) == "live"
    if part == 0:
        shelves = [PublicAddress("/marketplace", None), *(PublicAddress(f"/marketplace?category={one.key}", None) for one in CATEGORIES)]
        newest = sa.func.max(col(Listing.updated_at), type_=Listing.__table__.c.updated_at.type)  # type: ignore[attr-defined]
        grouped = sa.select(col(Listing.workspace_id), newest).where(live).group_by(col(Listing.workspace_id))
        creators = connection.execute(grouped.order_by(col(Listing.workspace_id)).limit(PART)).all()
        return (*shelves, *(PublicAddress(f"/marketplace/creators/{one}", when) for one, when in creators))
    if not isinstance(part, int) or not 1 <= part <= MOST_PARTS:
        return ()
    chosen = sa.select(col(Listing.slug), col(Listing.updated_at)).where(live).order_by(col(Listing.id))
    return tuple(
        PublicAddress(f"/marketplace/{slug}", when) for slug, when in connection.execute(chosen.limit(PART).offset((part - 1) * PART))
    )
