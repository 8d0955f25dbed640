"""Reviews: one per person and listing, by people who ran it to the end, editable; votes, reports and the creator's replies."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from app.core.bulk import insert_into, is_inserted
from app.core.errors import Conflict, Invalid, NotAllowed, NotFound
from app.core.permissions import Permission, require, require_or_visitor
from app.core.text import clean_text
from app.core.uow import UnitOfWork
from app.services.letters import tell_sellers
from app.services.market.access import has_paid, installed, is_seller, load_listing
from app.services.market.filing import file_listing
from app.services.market.hidden import own_hidden_review
from app.services.market.measuring import is_whole
from app.views.reviews import ReviewRow, Reviews
from models.ids import new_id, parse_id
from models.listing import Install, Listing, ListingVersion
from models.review import Review, ReviewLetter, ReviewVote
from models.run import Run, RunStatus
from models.user import User

PRIOR_COUNT, PRIOR_MEAN = 5, 3.8  # a listing begins as if five people had given 3.8: one five-star review does not win
MOST = 100
DAY = timedelta(days=1)
HELPFUL, REPORT, DISMISSED = "helpful", "report", "dismissed"  # kinds of votes; operators have looked at the last
GROUNDS = MappingProxyType(
    {
        "spam": "Spam or advertising",
        "offensive": "Offensive or hateful",
        "off_topic": "Not about this product",
        "conflict": "Conflict of interest",
        "personal": "Personal data of somebody",
        "other": "Something else",
    }
)


class NotYetReviewable(NotAllowed):
    """The person has not run it to the end, or has no right to it."""

    code = "not_yet_reviewable"


def get_reviews(uow: UnitOfWork, *, slug: object) -> Reviews:
    """Reviews of a listing, most helpful first, with how the stars are spread and what the actor may do."""
    require_or_visitor(uow, Permission.VIEW)
    listing, me = load_listing(uow, slug), uow.actor.user_id if uow.actor else None
    shown = select(Review).where(Review.listing_id == listing.id, col(Review.is_hidden).is_(False))
    rows = list(uow.session.exec(shown.order_by(col(Review.helpful_count).desc(), col(Review.id).desc()).limit(MOST)))
    mine = select(ReviewVote).where(ReviewVote.user_id == me, col(ReviewVote.review_id).in_([row.id for row in rows]))
    votes = _standing(rows, uow.session.exec(mine))
    counted = sa.select(col(Review.stars), sa.func.count()).where(col(Review.listing_id) == listing.id, col(Review.is_hidden).is_(False))
    spread = {int(stars): int(number) for stars, number in uow.session.connection().execute(counted.group_by(col(Review.stars)))}
    return Reviews(
        rows=tuple(_row(row, me, votes) for row in rows),
        spread=tuple(spread.get(stars, 0) for stars in range(5, 0, -1)),
        problem=_obstacle(uow, listing) if uow.actor else "Sign in to review it, once you have run it.",
        can_reply=uow.actor is not None and listing.workspace_id == uow.workspace_id,
        hidden=own_hidden_review(uow, listing.id),
    )


def _standing(rows: list[Review], votes: Iterable[ReviewVote]) -> set[tuple[uuid.UUID, str]]:
    """Votes on the reviews as they stand: a report that operators have looked at counts as one until its review is changed."""
    changed = {row.id: row.updated_at for row in rows}
    looked_at = {DISMISSED: REPORT}
    standing = (vote for vote in votes if vote.kind != DISMISSED or vote.updated_at >= changed[vote.review_id])
    return {(vote.review_id, looked_at.get(vote.kind, vote.kind)) for vote in standing}


def write_review(uow: UnitOfWork, *, slug: object, stars: object, text: object = "") -> None:
    """Write the actor's review of the version in use here, or change the one that is there."""
    require(uow, Permission.RUN)
    assert uow.actor
    listing = load_listing(uow, slug)
    if type(stars) is not int or not 1 <= stars <= 5:
        raise Invalid("Choose one to five stars.", fields={"stars": "Choose one to five stars."})
    said = clean_text(text, max_length=4000, label="The review", field="text").strip()
    if problem := _obstacle(uow, listing):
        raise NotYetReviewable(problem)
    is_first = uow.session.exec(_own_review(uow, listing)).first() is None
    _upsert(uow, listing, stars, said)
    if is_first and _may_tell(uow, listing):
        words = f"{stars} of 5 stars{': ' + said if said else '.'}\n\nYou may answer below it."
        path = f"/marketplace/{listing.slug}"
        tell_sellers(uow, listing.workspace_id, kind="review", subject=f"A review of {listing.name}", text=words, path=path)
    count_reviews(uow, listing)


def _may_tell(uow: UnitOfWork, listing: Listing) -> bool:
    """Who takes a review back and writes it anew is told of once a day; a transaction that fails leaves the day's letter."""
    assert uow.actor
    now = uow.ports.clock.now()
    table: sa.Table = ReviewLetter.__table__  # type: ignore[attr-defined]
    row = {"id": new_id(), "created_at": now, "updated_at": now, "listing_id": listing.id, "user_id": uow.actor.user_id, "told_at": now}
    due = {"set_": {"told_at": now, "updated_at": now}, "where": table.c.told_at <= now - DAY}
    statement = insert_into(uow.session.connection(), table).values(row)
    return is_inserted(uow.session.connection(), statement.on_conflict_do_update(index_elements=["listing_id", "user_id"], **due))


def _own_review(uow: UnitOfWork, listing: Listing) -> SelectOfScalar[uuid.UUID]:
    assert uow.actor
    return select(Review.id).where(Review.listing_id == listing.id, Review.author_id == uow.actor.user_id)


def delete_review(uow: UnitOfWork, *, slug: object) -> None:
    """Take the actor's review back; one that others have reported stays until the operators have looked at it."""
    require(uow, Permission.RUN)
    assert uow.actor
    listing = load_listing(uow, slug)
    mine = select(Review).where(Review.listing_id == listing.id, Review.author_id == uow.actor.user_id, col(Review.is_hidden).is_(False))
    review = uow.session.exec(mine).first()
    if review is None:
        raise NotFound("Your review")
    if review.report_count:
        raise Conflict("Somebody has reported this review, so the operators look at it first. You can still change what it says.")
    uow.session.delete(review)
    uow.session.flush()
    count_reviews(uow, listing)


def vote_review(uow: UnitOfWork, *, review_id: object) -> None:
    """Say that a review helps; each person once."""
    require(uow, Permission.RUN)
    review = _others_review(uow, review_id)
    if _add_vote(uow, review, HELPFUL):
        _raise_count(uow, review, "helpful_count")


def report_review(uow: UnitOfWork, *, review_id: object, ground: object, reason: object = "") -> None:
    """Tell the operators why a review breaks the rules; each person once, and again when it was changed after they had looked."""
    require(uow, Permission.RUN)
    review = _others_review(uow, review_id)
    if not isinstance(ground, str) or ground not in GROUNDS:
        raise Invalid("Say what is wrong with this review.", fields={"ground": f"Choose one of {', '.join(GROUNDS)}."})
    said = clean_text(reason, max_length=500, label="The reason", field="reason").strip()
    if ground == "other" and not said:
        raise Invalid("Say in your words what is wrong with this review.", fields={"reason": "Say what is wrong."})
    if not _is_dismissed(uow, review) and _add_vote(uow, review, REPORT, ground=ground, reason=said):
        _raise_count(uow, review, "report_count")


def _is_dismissed(uow: UnitOfWork, review: Review) -> bool:
    """Whether operators have looked at what the actor reported of the review as it stands; an older report gives way to the next."""
    assert uow.actor
    mine = select(ReviewVote).where(
        ReviewVote.review_id == review.id, ReviewVote.user_id == uow.actor.user_id, ReviewVote.kind == DISMISSED
    )
    vote = uow.session.exec(mine).first()
    if vote is None or vote.updated_at >= review.updated_at:
        return vote is not None
    uow.session.delete(vote)
    uow.session.flush()
    return False


def reply_review(uow: UnitOfWork, *, review_id: object, text: object) -> None:
    """The creator's answer below a review; an empty one takes it away."""
    require(uow, Permission.MANAGE_MEMBERS)
    review = _visible(uow, review_id)
    if uow.session.exec(uow.scoped(Listing).where(Listing.id == review.listing_id)).first() is None:
        raise NotFound("This review")
    reply = clean_text(text, max_length=4000, label="The reply", field="text").strip()
    change_review(uow, review, reply=reply, replied_at=uow.ports.clock.now() if reply else None)


def _obstacle(uow: UnitOfWork, listing: Listing) -> str:
    """Why the actor may not review the listing now, or ""."""
    assert uow.actor
    if is_seller(uow, listing):
        return "You belong to the workspace that offers this listing."
    if uow.session.exec(_own_review(uow, listing).where(col(Review.is_hidden))).first() is not None:
        return "The operators of this installation have hidden your review."
    install = installed(uow, listing)
    if install is None:
        return "Reviews come from people who have installed it."
    if listing.price_cents and not has_paid(uow, listing):
        return "Reviews come from people who have paid for it, and what this workspace paid is over or was taken back."
    ids = [parsed for one in install.workflow_ids if (parsed := parse_id(one))]
    mine = (Run.status == RunStatus.SUCCEEDED, Run.created_by == uow.actor.user_id, is_whole())
    ran = uow.scoped(Run).where(col(Run.workflow_id).in_(ids), *mine)
    return "" if uow.session.exec(ran.limit(1)).first() is not None else "Run it to the end once; then you can say how it went."


def _upsert(uow: UnitOfWork, listing: Listing, stars: int, text: str) -> None:
    assert uow.actor
    now, me = uow.ports.clock.now(), uow.actor.user_id
    name = uow.session.exec(select(User.name).where(User.id == me)).one()
    in_use = uow.scoped(Install).where(Install.listing_id == listing.id).with_only_columns(col(Install.version_id))
    number = uow.session.exec(select(ListingVersion.number).where(col(ListingVersion.id).in_(in_use))).one()
    told = {
        "stars": stars,
        "text": text,
        "author": name,
        "version": number,
        "updated_at": now,
    }
    row = {
        "id": new_id(), "created_at": now, "workspace_id": uow.workspace_id, "listing_id": listing.id, "author_id": me, "reply": "",
        "helpful_count": 0, "report_count": 0, "is_hidden": False, **told,
    }  # fmt: skip
    table: sa.Table = Review.__table__  # type: ignore[attr-defined]
    statement = insert_into(uow.session.connection(), table).values(row)
    is_another = sa.or_(table.c.stars != stars, table.c.text != text, table.c.version != number)  # the same sent twice is no edit
    edit = statement.on_conflict_do_update(index_elements=["listing_id", "author_id"], set_=told, where=is_another)
    uow.session.connection().execute(edit)


def count_reviews(uow: UnitOfWork, listing: Listing) -> None:
    """Bring the listing's figures to its visible reviews; of two who change some at once, the second counts those of the first too."""
    # A weaker lock than for a change of keys: the reviews that both have written hold their listing's key.
    uow.session.refresh(listing, with_for_update={"key_share": True})
    counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(col(Review.stars)), 0)).where(
        col(Review.listing_id) == listing.id, col(Review.is_hidden).is_(False)
    )
    number, total = uow.session.connection().execute(counted).one()
    listing.rating_count, listing.rating_sum = number, total
    listing.rating_rank = (PRIOR_COUNT * PRIOR_MEAN + total) / (PRIOR_COUNT + number) if number else 0.0
    file_listing(uow, listing.id)


def _visible(uow: UnitOfWork, review_id: object) -> Review:
    wanted = select(Review).where(Review.id == parse_id(review_id), col(Review.is_hidden).is_(False))
    review = uow.session.exec(wanted).first()
    if review is None:
        raise NotFound("This review")
    return review


def _others_review(uow: UnitOfWork, review_id: object) -> Review:
    review = _visible(uow, review_id)
    if uow.actor and review.author_id == uow.actor.user_id:
        raise NotAllowed("This is your own review.")
    return review


def _add_vote(uow: UnitOfWork, review: Review, kind: str, *, ground: str = "", reason: str = "") -> bool:
    assert uow.actor
    now, table = uow.ports.clock.now(), ReviewVote.__table__  # type: ignore[attr-defined]
    row = {"id": new_id(), "created_at": now, "updated_at": now, "review_id": review.id, "user_id": uow.actor.user_id, "kind": kind}
    statement = insert_into(uow.session.connection(), table).values(row | {"ground": ground, "reason": reason})
    return is_inserted(uow.session.connection(), statement.on_conflict_do_nothing(index_elements=["review_id", "user_id", "kind"]))


def _raise_count(uow: UnitOfWork, review: Review, name: str) -> None:
    table: sa.Table = Review.__table__  # type: ignore[attr-defined]
    change_review(uow, review, **{name: table.c[name] + 1})


def change_review(uow: UnitOfWork, review: Review, **values: Any) -> None:
    """Set columns that are not its author's: a review is edited only when its author has changed it."""
    table: sa.Table = Review.__table__  # type: ignore[attr-defined]
    changed = sa.update(table).where(table.c.id == review.id).values({**values, "updated_at": table.c.updated_at})
    uow.session.connection().execute(changed)
    uow.session.expire(review)


def _row(review: Review, me: uuid.UUID | None, votes: set[tuple[uuid.UUID, str]]) -> ReviewRow:
    return ReviewRow(
        id=str(review.id),
        author=review.author,
        stars=review.stars,
        text=review.text,
        version=review.version,
        created_at=review.created_at,
        is_edited=review.updated_at > review.created_at,
        reply=review.reply,
        helpful_count=review.helpful_count,
        is_mine=review.author_id == me,
        is_voted=(review.id, HELPFUL) in votes,
        is_reported=(review.id, REPORT) in votes,
    )
