"""What the operators of an installation do from its console: decide on versions, take listings down, hide reviews."""

from dataclasses import dataclass

from sqlmodel import col, select

from app.core.errors import NotFound
from app.core.uow import UnitOfWork
from app.services.market.filing import file_listing
from app.services.market.moderating import decide, find_listing, load_case, remove_listing
from app.services.market.reviews import count_reviews
from models.ids import parse_id
from models.listing import Listing
from models.review import Review


@dataclass(frozen=True, slots=True)
class ReportedReview:
    """A review that people have reported."""

    id: str
    listing: str
    author: str
    reports: int
    text: str


def take_down(uow: UnitOfWork, *, slug: str, reason: str) -> str:
    """Take a listing off the shelf for good; who has bought or installed it keeps their version. Returns its name."""
    return remove_listing(uow, find_listing(uow, slug), reason[:1000])


def put_back(uow: UnitOfWork, *, slug: str) -> str:
    """Undo a takedown."""
    listing = find_listing(uow, slug)
    if listing.state == "removed":
        listing.state, listing.reason = "live", ""
    file_listing(uow, listing.id)
    return listing.name


def approve(uow: UnitOfWork, *, case_id: str) -> str:
    """Let a version onto the shelf, or grant an appeal."""
    return decide(uow, load_case(uow, case_id), is_approved=True)


def refuse(uow: UnitOfWork, *, case_id: str, reason: str) -> str:
    """Keep it off the shelf."""
    return decide(uow, load_case(uow, case_id), is_approved=False, reason=reason[:1000])


def reported_reviews(uow: UnitOfWork) -> list[ReportedReview]:
    """Visible reviews with reports, most reported first."""
    wanted = select(Review, Listing.slug).join(Listing, col(Listing.id) == col(Review.listing_id))
    shown = wanted.where(Review.report_count > 0, col(Review.is_hidden).is_(False)).order_by(col(Review.report_count).desc()).limit(100)
    return [ReportedReview(str(row.id), slug, row.author, row.report_count, row.text) for row, slug in uow.session.exec(shown)]


def hide_review(uow: UnitOfWork, *, review_id: str) -> None:
    """Take a review out of sight and out of the rating."""
    review = uow.session.exec(select(Review).where(Review.id == parse_id(review_id))).first()
    if review is None:
        raise NotFound("This review")
    review.is_hidden = True
    uow.session.flush()
    count_reviews(uow, uow.session.exec(select(Listing).where(Listing.id == review.listing_id)).one())
