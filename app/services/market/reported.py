"""Reported reviews on the operators' desk: hidden with a reason, shown again, kept hidden after an appeal, or left alone."""

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
from app.services.market.hidden import close_case, newest_cases, open_case
from app.services.market.moderating import written
from app.services.market.reviews import DISMISSED, GROUNDS, REPORT, change_review, count_reviews
from app.services.operators import require_operator
from app.views.reviews import ReportedReview, ReportReason
from models.ids import parse_id
from models.listing import Listing
from models.moderation import ReviewCase
from models.review import Review, ReviewVote

MOST = 200


def list_reported_reviews(uow: UnitOfWork, *, state: object = "reported") -> tuple[ReportedReview, ...]:
    """Those in sight that people have reported, the newest report first; or the hidden ones, those with an open appeal first."""
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
    appealed = sa.exists().where(col(ReviewCase.review_id) == col(Review.id), col(ReviewCase.state) == "waiting")
    at = sa.func.coalesce(newest.c.at, col(Review.created_at))
    rows = uow.session.exec(found.order_by(appealed.desc(), at.desc(), col(Review.id).desc()).limit(MOST)).all()
    ids = [review.id for review, _, _ in rows]
    reasons, cases = _reasons(uow, ids), newest_cases(uow, ids) if is_hidden else {}
    return tuple(
        ReportedReview(
            id=str(review.id), slug=listing.slug, name=listing.name, author=review.author, stars=review.stars, text=review.text,
            version=review.version, reports=review.report_count, reasons=reasons[review.id], is_hidden=review.is_hidden,
            created_at=review.created_at, reported_at=reported_at, **_told_of(cases.get(review.id)),
        )
        for review, listing, reported_at in rows
    )  # fmt: skip


def _told_of(found: tuple[ReviewCase, str] | None) -> dict[str, Any]:
    """What the list says of a hidden one's case."""
    if found is None:
        return {}
    case, name = found
    told = {key: getattr(case, key) for key in ("state", "appeal", "appealed_at", "answer")}
    by = name or ("the console" if case.decided_at else "")
    return {**told, "hidden_reason": case.reason, "hidden_at": case.decided_at, "hidden_by": by}


def count_reported(uow: UnitOfWork) -> int:
    """How many reviews wait for somebody to look at their reports or at an appeal, up to the length of the list."""
    reported = select(Review.id).where(Review.report_count > 0, col(Review.is_hidden).is_(False)).limit(MOST)
    appealed = select(ReviewCase.id).where(ReviewCase.state == "waiting").limit(MOST)
    return min(MOST, sum(len(uow.session.exec(wanted).all()) for wanted in (reported, appealed)))


def hide_reported_review(uow: UnitOfWork, *, review_id: object, reason: object) -> str:
    """Take a review out of sight and out of the rating, and tell its author why; returns the listing's name."""
    require_operator(uow)
    return hide(uow, load_review(uow, review_id), written(reason, 1000, "reason"))


def show_hidden_review(uow: UnitOfWork, *, review_id: object) -> str:
    """Bring a hidden review back into sight and into the rating, or grant its appeal; what was reported of it is settled by that."""
    require_operator(uow)
    review = load_review(uow, review_id)
    if not review.is_hidden:
        raise Conflict("This review is in sight already. Reload the list.", code="review_shown")
    _settle(uow, review)
    close_case(uow, review, state="shown")
    listing = _put(uow, review, is_hidden=False)
    _tell(uow, review, listing, "shown again", f"Your review of {listing.name} is in sight again.")
    return listing.name


def keep_review_hidden(uow: UnitOfWork, *, review_id: object, reason: object) -> str:
    """Answer the author's appeal: it stays out of sight, and that decision stands."""
    require_operator(uow)
    review, answer = load_review(uow, review_id), written(reason, 1000, "reason")
    close_case(uow, review, state="kept", answer=answer)
    listing = _listing_of(uow, review)
    told = f"Your review of {listing.name} stays hidden. The reason: {answer}\n\nIt was looked at twice; this decision stands."
    _tell(uow, review, listing, f"kept hidden after an appeal: {answer}", told)
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
    open_case(uow, review, reason)
    why = f"Your review of {listing.name} was hidden. The reason: {reason}\n\nYou may answer once, on the listing's page."
    _tell(uow, review, listing, f"hidden: {reason}", why)
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


def _reasons(uow: UnitOfWork, review_ids: Sequence[uuid.UUID]) -> defaultdict[uuid.UUID, tuple[ReportReason, ...]]:
    """On which grounds people reported them, the most frequent first, and what they wrote with that, the newest first."""
    said: defaultdict[uuid.UUID, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    wanted = select(ReviewVote.review_id, ReviewVote.ground, ReviewVote.reason).where(
        col(ReviewVote.review_id).in_(review_ids), ReviewVote.kind == REPORT
    )
    for review_id, ground, text in uow.session.exec(wanted.order_by(col(ReviewVote.created_at).desc(), col(ReviewVote.id).desc())):
        said[review_id][ground].append(text)
    found: defaultdict[uuid.UUID, tuple[ReportReason, ...]] = defaultdict(tuple)
    for review_id, by_ground in said.items():
        reasons = [
            ReportReason(ground, GROUNDS.get(ground, "No reason given"), len(texts), tuple(text for text in texts if text))
            for ground, texts in by_ground.items()
        ]
        found[review_id] = tuple(sorted(reasons, key=lambda one: -one.count))
    return found


def _tell(uow: UnitOfWork, review: Review, listing: Listing, note: str, text: str) -> None:
    _note(uow, review, listing, note)
    subject = f"{'Hidden' if review.is_hidden else 'Shown again'}: your review of {listing.name}"
    tell_author(uow, review.author_id, subject=subject, text=text, path=f"/marketplace/{listing.slug}")


def _note(uow: UnitOfWork, review: Review, listing: Listing, note: str) -> None:
    name = f"Review of {listing.name}"
    record(uow.trail, kind="review", resource_id=review.id, name=name, operation="changed", note=note, workspace_id=listing.workspace_id)
