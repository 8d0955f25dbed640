"""Reported reviews on the operators' desk: hidden with a reason for their author, shown again, or left alone."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import Conflict, NotFound
from app.core.uow import UnitOfWork
from app.services.letters import tell_author
from app.services.market.moderating import written
from app.services.market.reviews import DISMISSED, REPORT, change_review, count_reviews
from app.services.operators import require_operator
from app.views.market import ReportedReview
from models.ids import parse_id
from models.listing import Listing
from models.review import Review, ReviewVote

MOST = 200


def list_reported_reviews(uow: UnitOfWork, *, state: object = "reported") -> tuple[ReportedReview, ...]:
    """Those in sight that people have reported, or the hidden ones; the newest report first."""
    require_operator(uow)
    return read_reported(uow, is_hidden=state == "hidden")


def read_reported(uow: UnitOfWork, *, is_hidden: bool = False) -> tuple[ReportedReview, ...]:
    """The same for the console."""
    reports = sa.select(col(ReviewVote.review_id), sa.func.max(col(ReviewVote.created_at)).label("at"))
    newest = reports.where(col(ReviewVote.kind) == REPORT).group_by(col(ReviewVote.review_id)).subquery()
    found: Any = select(Review, Listing, newest.c.at).join(Listing, col(Listing.id) == col(Review.listing_id))
    found = found.outerjoin(newest, newest.c.review_id == col(Review.id)).where(col(Review.is_hidden).is_(is_hidden))
    if not is_hidden:
        found = found.where(Review.report_count > 0)
    at = sa.func.coalesce(newest.c.at, col(Review.created_at))
    rows = uow.session.exec(found.order_by(at.desc(), col(Review.id).desc()).limit(MOST)).all()
    reasons = _reasons(uow, [review.id for review, _, _ in rows])
    return tuple(
        ReportedReview(
            id=str(review.id), slug=listing.slug, name=listing.name, author=review.author, stars=review.stars, text=review.text,
            version=review.version, reports=review.report_count, reasons=tuple(reasons[review.id]), is_hidden=review.is_hidden,
            created_at=review.created_at, reported_at=reported_at,
        )
        for review, listing, reported_at in rows
    )  # fmt: skip


def count_reported(uow: UnitOfWork) -> int:
    """How many reviews in sight wait for somebody to look at their reports, up to the length of the list."""
    open_ones = select(Review.id).where(Review.report_count > 0, col(Review.is_hidden).is_(False)).limit(MOST)
    return len(uow.session.exec(open_ones).all())


def hide_reported_review(uow: UnitOfWork, *, review_id: object, reason: object) -> str:
    """Take a review out of sight and out of the rating, and tell its author why; returns the listing's name."""
    require_operator(uow)
    return hide(uow, load_review(uow, review_id), written(reason, 1000, "reason"))


def show_hidden_review(uow: UnitOfWork, *, review_id: object) -> str:
    """Bring a hidden review back into sight and into the rating; what was reported of it is settled by that."""
    require_operator(uow)
    review = load_review(uow, review_id)
    if not review.is_hidden:
        raise Conflict("This review is in sight already. Reload the list.", code="review_shown")
    _settle(uow, review)
    listing = _put(uow, review, is_hidden=False)
    _tell(uow, review, listing, "shown again", f"Your review of {listing.name} is in sight again.")
    return listing.name


def dismiss_reports(uow: UnitOfWork, *, review_id: object) -> str:
    """Leave a reported review as it is; who has reported it may do so again once its author has changed it."""
    require_operator(uow)
    review = load_review(uow, review_id)
    if review.is_hidden or not review.report_count:
        raise Conflict("Nothing is reported of this review any more. Reload the list.", code="reports_settled")
    _settle(uow, review)
    listing = _listing_of(uow, review)
    _note(uow, review, listing, "reports dismissed")
    return listing.name


def hide(uow: UnitOfWork, review: Review, reason: str) -> str:
    """The callers have asked who decides."""
    if review.is_hidden:
        raise Conflict("This review is hidden already. Reload the list.", code="review_hidden")
    listing = _put(uow, review, is_hidden=True)
    why = f" The reason: {reason}" if reason else ""
    _tell(uow, review, listing, f"hidden{': ' + reason if reason else ''}", f"Your review of {listing.name} was hidden.{why}")
    return listing.name


def load_review(uow: UnitOfWork, review_id: object) -> Review:
    """Any review of the installation, locked; the callers have asked who looks."""
    row_id = parse_id(review_id)
    review = uow.session.exec(select(Review).where(Review.id == row_id).with_for_update()).first() if row_id else None
    if review is None:
        raise NotFound("This review")
    uow.session.refresh(review)
    return review


def _listing_of(uow: UnitOfWork, review: Review) -> Listing:
    return uow.session.exec(select(Listing).where(Listing.id == review.listing_id)).one()


def _put(uow: UnitOfWork, review: Review, *, is_hidden: bool) -> Listing:
    change_review(uow, review, is_hidden=is_hidden)
    listing = _listing_of(uow, review)
    count_reviews(uow, listing)
    return listing


def _settle(uow: UnitOfWork, review: Review) -> None:
    """The reports keep their words, and count no more."""
    table: sa.Table = ReviewVote.__table__  # type: ignore[attr-defined]
    theirs = sa.update(table).where(table.c.review_id == review.id, table.c.kind == REPORT)
    uow.session.connection().execute(theirs.values(kind=DISMISSED, updated_at=uow.ports.clock.now()))
    change_review(uow, review, report_count=0)


def _reasons(uow: UnitOfWork, review_ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, list[str]]:
    """What people wrote with their reports, the newest first; most write nothing."""
    said: defaultdict[uuid.UUID, list[str]] = defaultdict(list)
    wanted = select(ReviewVote.review_id, ReviewVote.reason).where(
        col(ReviewVote.review_id).in_(review_ids), ReviewVote.kind == REPORT, ReviewVote.reason != ""
    )
    for review_id, reason in uow.session.exec(wanted.order_by(col(ReviewVote.created_at).desc(), col(ReviewVote.id).desc())):
        said[review_id].append(reason)
    return said


def _tell(uow: UnitOfWork, review: Review, listing: Listing, note: str, text: str) -> None:
    _note(uow, review, listing, note)
    subject = f"{'Hidden' if review.is_hidden else 'Shown again'}: your review of {listing.name}"
    tell_author(uow, review.author_id, subject=subject, text=text, path=f"/marketplace/{listing.slug}")


def _note(uow: UnitOfWork, review: Review, listing: Listing, note: str) -> None:
    name = f"Review of {listing.name}"
    record(uow.trail, kind="review", resource_id=review.id, name=name, operation="changed", note=note, workspace_id=listing.workspace_id)
