"""A creator's public page: what a workspace has on the shelf, and what others say of it."""

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.permissions import Permission, permissions_of, require_or_visitor
from app.core.uow import UnitOfWork
from app.services.market.browsing import SORTS
from app.services.market.cards import to_cards
from app.services.market.naming import face_of
from app.services.operators import is_operator
from app.views.market import CreatorProfile, SaidReview
from models.ids import parse_id
from models.listing import Listing
from models.review import Review

MOST_LISTINGS, MOST_REVIEWS = 60, 5


def get_creator(uow: UnitOfWork, *, creator_id: object) -> CreatorProfile:
    """Listings, installs, ratings and the newest reviews; who has nothing on the shelf has no page."""
    require_or_visitor(uow, Permission.VIEW)
    wanted = parse_id(creator_id)
    on_shelf = (Listing.workspace_id == wanted, Listing.state == "live")
    shown = select(Listing).where(*on_shelf).order_by(*SORTS["rating"], col(Listing.id).desc())
    rows = list(uow.session.exec(shown.limit(MOST_LISTINGS))) if wanted else []
    if not rows:
        raise NotFound("This creator")
    summed = sa.select(
        sa.func.count(),
        sa.func.sum(col(Listing.install_count)),
        sa.func.sum(col(Listing.rating_sum)),
        sa.func.sum(col(Listing.rating_count)),
        sa.func.min(col(Listing.published_at)),
    ).where(*on_shelf)  # type: ignore[arg-type]
    listings, installs, stars, ratings, since = uow.session.connection().execute(summed).one()
    said = select(Review, Listing.name, Listing.slug).join(Listing, col(Listing.id) == col(Review.listing_id))
    newest = said.where(*on_shelf, col(Review.is_hidden).is_(False)).order_by(col(Review.id).desc()).limit(MOST_REVIEWS)
    face = face_of(uow, rows[0].workspace_id)
    return CreatorProfile(
        name=rows[0].creator,
        since=since,
        listing_count=listings,
        install_count=int(installs or 0),
        rating_count=int(ratings or 0),
        stars=f"{stars / ratings:.1f}" if ratings else "",
        cards=to_cards(uow, rows),
        reviews=tuple(
            SaidReview(row.author, row.stars, row.text, name, slug, row.created_at, row.reply)
            for row, name, slug in uow.session.exec(newest)
        ),
        about=face.about,
        website=face.website,
        picture=face.picture,
        is_own=uow.actor is not None and uow.workspace_id == wanted and Permission.MANAGE_MEMBERS in permissions_of(uow.actor),
        can_clear=face.is_written and is_operator(uow),
    )
