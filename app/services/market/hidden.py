"""Hidden reviews as cases: why each was hidden and by whom, its author's one appeal, and the operators' answer to that."""

import uuid
from collections.abc import Sequence

from sqlmodel import col, select

from app.core.audit import record
from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.market.moderating import CaseDecided, NoAppeal, written
from app.views.reviews import HiddenReview
from models.ids import parse_id
from models.listing import Listing
from models.moderation import ReviewCase
from models.review import Review
from models.user import User


def appeal_review(uow: UnitOfWork, *, review_id: object, text: object) -> None:
    """The author's answer to the hiding of their review: the operators look at it once more, and that decision stands."""
    require(uow, Permission.RUN)
    assert uow.actor
    mine = select(Review).where(Review.id == parse_id(review_id), Review.author_id == uow.actor.user_id)
    review = uow.session.exec(mine.with_for_update()).first()
    if review is None:
        raise NotFound("Your review")
    case = case_of(uow, review)
    if case is None or not review.is_hidden:
        raise NoAppeal("Your review is not hidden.")
    if case.appeal:
        raise NoAppeal("You have answered before. An operator's decision on that stands.")
    case.appeal, case.state, case.appealed_at = written(text, 2000, "appeal"), "waiting", uow.ports.clock.now()
    name = uow.session.exec(select(Listing.name).where(Listing.id == review.listing_id)).one()
    record(uow.trail, kind="review", resource_id=review.id, name=f"Review of {name}", operation="changed", note="appealed")
    uow.session.flush()


def own_hidden_review(uow: UnitOfWork, listing_id: uuid.UUID) -> HiddenReview | None:
    """The actor's own review of the listing, if operators have hidden it, with what stands of that."""
    if uow.actor is None:
        return None
    mine = select(Review).where(Review.listing_id == listing_id, Review.author_id == uow.actor.user_id, col(Review.is_hidden))
    review = uow.session.exec(mine).first()
    case = case_of(uow, review) if review else None
    if review is None or case is None:
        return None
    return HiddenReview(
        id=str(review.id), stars=review.stars, text=review.text, reason=case.reason, hidden_at=case.decided_at, state=case.state,
        appeal=case.appeal, answer=case.answer,
    )  # fmt: skip


def open_case(uow: UnitOfWork, review: Review, reason: str) -> None:
    """It was hidden."""
    by = uow.actor.user_id if uow.actor else None
    uow.session.add(ReviewCase(review_id=review.id, reason=reason, decided_at=uow.ports.clock.now(), decided_by=by))
    uow.session.flush()


def close_case(uow: UnitOfWork, review: Review, *, state: str, answer: str = "") -> ReviewCase | None:
    """Shown again, or after an appeal kept out of sight; a later appeal is not possible."""
    case = case_of(uow, review)
    if case is None or (state == "kept" and case.state != "waiting"):
        if state == "kept":
            raise CaseDecided()
        return None
    case.state, case.answer = state, answer
    case.answered_at, case.answered_by = uow.ports.clock.now(), uow.actor.user_id if uow.actor else None
    uow.session.flush()
    return case


def case_of(uow: UnitOfWork, review: Review) -> ReviewCase | None:
    """What stands of a review that is or was hidden."""
    asked = select(ReviewCase).where(ReviewCase.review_id == review.id).order_by(col(ReviewCase.id).desc())
    return uow.session.exec(asked.limit(1)).first()


def newest_cases(uow: UnitOfWork, review_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[ReviewCase, str]]:
    """What stands of each of them, and the name of who hid it; "" without an account."""
    asked = select(ReviewCase, User.name).outerjoin(User, col(User.id) == col(ReviewCase.decided_by))
    rows = uow.session.exec(asked.where(col(ReviewCase.review_id).in_(review_ids)).order_by(col(ReviewCase.id)))
    return {case.review_id: (case, name or "") for case, name in rows}
