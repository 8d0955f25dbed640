"""Reviews of listings over the API: read, written, changed, taken back, voted for, answered, reported, and appealed for when hidden."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app.api.callers import Caller, Guest
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Request, done
from app.api.market import Slug
from app.services import market
from app.views.reviews import Reviews

router = APIRouter(prefix="/api/v1/market", tags=["reviews"], responses=REFUSALS)


class ReviewBody(Request):
    """One to five stars, and perhaps what you say."""

    stars: int = Field(ge=1, le=5)
    text: str = Field(default="", max_length=10_000)


class ReportBody(Request):
    """Why it breaks the rules; something else is said in words."""

    ground: Literal["spam", "offensive", "off_topic", "conflict", "personal", "other"]
    reason: str = Field(default="", max_length=2000, description="Up to 500 characters; needed with the ground other.")


class AppealBody(Request):
    """What the operators should look at again."""

    text: str = Field(max_length=10_000)


class ReplyBody(Request):
    """The creator's answer; an empty one takes it away."""

    text: str = Field(max_length=10_000)


@router.get("/listings/{slug}/reviews", operation_id="get_reviews")
async def get_reviews(slug: Slug, guest: Guest) -> Answer[Reviews]:
    """All that is said of a listing; `problem` tells why you may not review it yet."""
    return done(await guest.read(market.get_reviews, slug=slug))


@router.put("/listings/{slug}/review", operation_id="write_review")
async def write_review(slug: Slug, body: ReviewBody, door: Caller) -> Answer[Nothing]:
    """Write your review, or change the one that is there; for who has installed it and run it to the end."""
    await door.write(market.write_review, slug=slug, stars=body.stars, text=body.text)
    return done(Nothing(), "Thank you.")


@router.delete("/listings/{slug}/review", operation_id="delete_review")
async def delete_review(slug: Slug, door: Caller) -> Answer[Nothing]:
    """Take your review back."""
    await door.write(market.delete_review, slug=slug)
    return done(Nothing(), "Taken back.")


@router.post("/reviews/{review_id}/vote", operation_id="vote_review")
async def vote_review(review_id: Id, door: Caller) -> Answer[Nothing]:
    """Say that a review helps; each person once."""
    await door.write(market.vote_review, review_id=review_id)
    return done(Nothing(), "Thank you.")


@router.post("/reviews/{review_id}/report", operation_id="report_review")
async def report_review(review_id: Id, body: ReportBody, door: Caller) -> Answer[Nothing]:
    """Tell the operators why a review breaks the rules; each person once."""
    await door.write(market.report_review, review_id=review_id, ground=body.ground, reason=body.reason)
    return done(Nothing(), "Reported.")


@router.post("/reviews/{review_id}/appeal", operation_id="appeal_review")
async def appeal_review(review_id: Id, body: AppealBody, door: Caller) -> Answer[Nothing]:
    """Answer once, as its author, when the operators have hidden it: `hidden` of the listing's reviews tells its id and why."""
    await door.write(market.appeal_review, review_id=review_id, text=body.text)
    return done(Nothing(), "Sent.")


@router.put("/reviews/{review_id}/reply", operation_id="reply_review")
async def reply_review(review_id: Id, body: ReplyBody, door: Caller) -> Answer[Nothing]:
    """Answer a review of your listing."""
    await door.write(market.reply_review, review_id=review_id, text=body.text)
    return done(Nothing(), "Answered.")
