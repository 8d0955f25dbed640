"""Selling on the marketplace over the API: drafts, publishing, the shelf, appeals, earnings; and the decisions of operators."""

import base64
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Cursor, Id, Limit, Nothing, Page, Request, Shape, done, whole
from app.api.market import Slug
from app.core.errors import Invalid
from app.services import market
from app.views.market import CaseDetail, CaseRow, CreatorForm, Earnings, LedgerRow, PublishDraft, RevenueWeek, SalesFile
from app.views.pictures import ListingPicture

router = APIRouter(prefix="/api/v1", tags=["selling"], responses=REFUSALS)


class PictureBody(Request):
    """A picture as text."""

    content: str = Field(max_length=4_000_000, description="PNG, JPEG or WebP in base64.", examples=["iVBORw0KGgo="])


class PictureChoice(Request):
    """A picture that was sent before, and what it shows."""

    id: str = Field(max_length=64)
    alt: str = Field(max_length=400, description="For people who cannot see it.")


class ListingBody(Request):
    """What the seller writes; `GET` of the same address gives it as it was last sent."""

    name: str = Field(max_length=400)
    tagline: str = Field(max_length=1000)
    description: str = Field(max_length=25_000)
    category: str = Field(max_length=60)
    price: str = Field(default="0", max_length=40, description="In US dollars, such as 19.00; 0 is free.")
    billing: str = Field(default="once", max_length=20, description="once or month")
    licence: str = Field(default="standard", max_length=60)
    version: str = Field(default="1.0.0", max_length=40)
    changelog: str = Field(default="", max_length=10_000)
    pictures: list[PictureChoice] | None = Field(default=None, max_length=20, description="In their order; those of before without.")
    look: str = Field(default="open", max_length=20, description="open, or sealed: who installs it does not see how it works")


class PriceBody(Request):
    """A price for orders from now on."""

    price: str = Field(max_length=40)


class TextBody(Request):
    """What the operators should know."""

    text: str = Field(max_length=10_000)


class CreatorBody(Request):
    """How buyers see a creator; what is empty is shown as it is without a profile."""

    name: str = Field(default="", max_length=200, description="Listings stand under it; empty for the workspace's name.")
    about: str = Field(default="", max_length=2000, description="Plain text, 500 characters at most.")
    website: str = Field(default="", max_length=400, description="An address that begins with https://.")
    picture: str = Field(default="", max_length=64, description="The id of a picture that was sent before.")


class ReasonBody(Request):
    """Told to the seller."""

    reason: str = Field(max_length=10_000)


class Sent(Shape):
    """The listing's address."""

    slug: str


class Price(Shape):
    """As it is shown."""

    price: str


@router.get("/workflows/{workflow_id}/listing", operation_id="get_listing_draft")
async def get_listing_draft(workflow_id: Id, door: Caller) -> Answer[PublishDraft]:
    """What publishing a workflow starts from: its checks, what it may do, and the form as it was last sent."""
    return done(await door.read(market.start_publishing, workflow_id=workflow_id))


@router.post("/workflows/{workflow_id}/listing", operation_id="publish_listing")
async def publish_listing(workflow_id: Id, body: ListingBody, door: Caller) -> Answer[Sent]:
    """Send a workflow, or its next version, to be looked at; it is shown once somebody has."""
    slug = await door.write(market.publish_listing, workflow_id=workflow_id, form=body.model_dump(exclude_none=True))
    return done(Sent(slug=slug), "Sent for review.")


@router.post("/market/pictures", status_code=201, operation_id="add_picture")
async def add_picture(body: PictureBody, door: Caller) -> Answer[ListingPicture]:
    """Send a picture for a listing; one that no version is handed in with is gone after a day."""
    try:
        content = base64.b64decode(body.content, validate=True)
    except ValueError as error:
        raise Invalid("This is no picture.", fields={"content": "Give the bytes of a PNG, JPEG or WebP in base64."}) from error
    return done(await door.write(market.add_picture, content=content), "Kept.")


@router.post("/market/listings/{slug}/unlist", operation_id="unlist_listing")
async def unlist_listing(slug: Slug, door: Caller) -> Answer[Nothing]:
    """Take your listing off the shelf; who has it keeps it."""
    await door.write(market.unlist_listing, slug=slug)
    return done(Nothing(), "Off the shelf.")


@router.post("/market/listings/{slug}/relist", operation_id="relist_listing")
async def relist_listing(slug: Slug, door: Caller) -> Answer[Nothing]:
    """Put it back."""
    await door.write(market.relist_listing, slug=slug)
    return done(Nothing(), "Back on the shelf.")


@router.put("/market/listings/{slug}/price", operation_id="set_listing_price")
async def set_listing_price(slug: Slug, body: PriceBody, door: Caller) -> Answer[Price]:
    """Another price, for orders from now on."""
    return done(Price(price=await door.write(market.set_listing_price, slug=slug, price=body.price)), "Saved.")


@router.post("/market/listings/{slug}/appeal", operation_id="appeal_decision")
async def appeal_decision(slug: Slug, body: TextBody, door: Caller) -> Answer[Nothing]:
    """Ask the operators to look again at what they have refused or taken down."""
    await door.write(market.appeal_case, slug=slug, text=body.text)
    return done(Nothing(), "Sent.")


@router.get("/market/profile", operation_id="get_creator_profile")
async def get_creator_profile(door: Caller) -> Answer[CreatorForm]:
    """How buyers see you: name, text, link and picture, and what is shown where they are empty."""
    return done(await door.read(market.get_creator_profile))


@router.put("/market/profile", operation_id="set_creator_profile")
async def set_creator_profile(body: CreatorBody, door: Caller) -> Answer[CreatorForm]:
    """Write all of it anew; what is left out is emptied."""
    return done(await door.write(market.set_creator_profile, form=body.model_dump()), "Saved.")


@router.get("/market/earnings", operation_id="get_earnings")
async def get_earnings(door: Caller) -> Answer[Earnings]:
    """Your listings with what became of them, and what the workspace is owed."""
    return done(await door.read(market.get_earnings))


@router.get("/market/bookings", operation_id="list_bookings")
async def list_bookings(door: Caller, cursor: Cursor = "", limit: Limit = 50) -> Answer[Page[LedgerRow]]:
    """The account: sales, refunds, disputes and payouts as they were booked, the newest first."""
    page = await door.read(market.list_bookings, cursor=cursor, limit=limit)
    return done(Page(items=list(page.rows), next_cursor=page.next_cursor or None, total=page.total))


@router.get("/market/revenue", operation_id="get_revenue")
async def get_revenue(door: Caller) -> Answer[Page[RevenueWeek]]:
    """What was earned, week by week."""
    return whole(await door.read(market.get_revenue))


@router.get("/market/sales", operation_id="export_sales")
async def export_sales(door: Caller) -> Answer[SalesFile]:
    """Sales as a CSV file."""
    return done(await door.write(market.export_sales))  # it is written down who took the file


@router.get("/market/cases", operation_id="list_cases")
async def list_cases(door: Caller, state: Annotated[str, Query(pattern="^(waiting|decided)$")] = "waiting") -> Answer[Page[CaseRow]]:
    """Versions and appeals, for the operators of this installation."""
    return whole(await door.read(market.list_cases, state=state))


@router.get("/market/cases/{case_id}", operation_id="get_case")
async def get_case(case_id: Id, door: Caller) -> Answer[CaseDetail]:
    """What a decision needs: the listing's words, everything inside the version, and what it changes."""
    return done(await door.read(market.get_case, case_id=case_id))


@router.post("/market/cases/{case_id}/approve", operation_id="approve_case")
async def approve_case(case_id: Id, door: Caller) -> Answer[Sent]:
    """Show the version, or put back what was taken down."""
    return done(Sent(slug=await door.write(market.approve_case, case_id=case_id)), "Approved.")


@router.post("/market/cases/{case_id}/refuse", operation_id="refuse_case")
async def refuse_case(case_id: Id, body: ReasonBody, door: Caller) -> Answer[Sent]:
    """Keep it off the shelf."""
    return done(Sent(slug=await door.write(market.refuse_case, case_id=case_id, reason=body.reason)), "Refused.")


@router.post("/market/listings/{slug}/take-down", operation_id="take_listing_down")
async def take_listing_down(slug: Slug, body: ReasonBody, door: Caller) -> Answer[Sent]:
    """Take a listing off the shelf; who has it keeps it."""
    return done(Sent(slug=await door.write(market.take_listing_down, slug=slug, reason=body.reason)), "Taken down.")
