"""What operators of an installation do over HTTP: the platform's money of a period, its part of listings by time, reported reviews."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done, whole
from app.services import market, payments
from app.views.market import FeeRow
from app.views.payments import PlatformReport, ReportFile
from app.views.reviews import ReportedReview

router = APIRouter(prefix="/api/v1/market", tags=["operating"], responses=REFUSALS)
Day = Annotated[str, Query(max_length=40, description="A day such as 2027-03-31, in UTC, counted whole.")]


class FeeBody(Request):
    """The platform's part of what a listing brings, from a day on."""

    slug: str = Field(max_length=80)
    percent: str = Field(max_length=20, description="Such as 15 or 12.5.")
    starts_on: str = Field(default="", max_length=40, description="A day from today on, in UTC; empty: at once.")


class HidingBody(Request):
    """Why a review is hidden, stays so, or a profile is emptied; its author reads it."""

    reason: str = Field(max_length=2000)


@router.get("/report", operation_id="get_platform_report")
async def get_report(door: Caller, *, since: Day = "", until: Day = "") -> Answer[Page[PlatformReport]]:
    """What came in, went back, is owed and held, by currency and mode; this month without days."""
    return whole(await door.read(payments.get_report, since=since, until=until))


@router.get("/report/file", operation_id="export_platform_report")
async def export_report(door: Caller, *, since: Day = "", until: Day = "") -> Answer[ReportFile]:
    """The same as a CSV file, in cents."""
    return done(await door.read(payments.export_report, since=since, until=until))


@router.get("/fees", operation_id="list_listing_fees")
async def list_fees(door: Caller) -> Answer[Page[FeeRow]]:
    """What was set for listings, the newest first; all others pay the usual part."""
    return whole(await door.read(market.list_listing_fees))


class Fee(Shape):
    """What was set for a listing from a day on; `is_now`: it counts at this moment."""

    id: str
    listing: str
    slug: str
    creator: str
    percent: str
    starts_at: datetime
    is_now: bool


@router.post("/fees", operation_id="set_listing_fee", status_code=201, response_model=Answer[Fee])
async def set_fee(body: FeeBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Set it for orders from that day on; earlier ones keep theirs."""
    return await door.once(market.set_listing_fee, key=idempotency_key, shape=Fee, message="Set.", **body.model_dump())


@router.get("/reviews", operation_id="list_reported_reviews")
async def list_reported(
    door: Caller, state: Annotated[str, Query(pattern="^(reported|hidden)$")] = "reported"
) -> Answer[Page[ReportedReview]]:
    """Reviews in sight that people have reported, the newest report first; or the hidden ones, those with an open appeal first."""
    return whole(await door.read(market.list_reported_reviews, state=state))


@router.post("/creators/{creator_id}/clear", operation_id="clear_creator_profile")
async def clear_creator_profile(creator_id: Id, body: HidingBody, door: Caller) -> Answer[Nothing]:
    """Empty a creator's profile; its creator reads the reason."""
    await door.write(market.clear_creator_profile, creator_id=creator_id, reason=body.reason)
    return done(Nothing(), "Emptied.")


@router.post("/reviews/{review_id}/hide", operation_id="hide_reported_review")
async def hide_review(review_id: Id, body: HidingBody, door: Caller) -> Answer[Nothing]:
    """Take it out of sight and out of the rating, and tell its author why."""
    await door.write(market.hide_reported_review, review_id=review_id, reason=body.reason)
    return done(Nothing(), "Hidden.")


@router.post("/reviews/{review_id}/show", operation_id="show_hidden_review")
async def show_review(review_id: Id, door: Caller) -> Answer[Nothing]:
    """Bring a hidden one back, or grant its author's appeal; its reports are settled by that."""
    await door.write(market.show_hidden_review, review_id=review_id)
    return done(Nothing(), "In sight again.")


@router.post("/reviews/{review_id}/keep-hidden", operation_id="keep_review_hidden")
async def keep_hidden(review_id: Id, body: HidingBody, door: Caller) -> Answer[Nothing]:
    """Answer its author's appeal: it stays hidden, and that decision stands."""
    await door.write(market.keep_review_hidden, review_id=review_id, reason=body.reason)
    return done(Nothing(), "It stays hidden.")


@router.post("/reviews/{review_id}/dismiss", operation_id="dismiss_reports")
async def dismiss_reports(review_id: Id, door: Caller) -> Answer[Nothing]:
    """Leave it as it is; its reports are settled."""
    await door.write(market.dismiss_reports, review_id=review_id)
    return done(Nothing(), "Left as it is.")
