"""The marketplace over the API: looking, trying, installing and updating. Where it is public, visitors look along and try, too."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from app.api.callers import Caller, Guest
from app.api.envelope import REFUSALS, Answer, Cursor, Id, Nothing, Page, Request, Search, Shape, done, whole
from app.services import market
from app.views.installs import CredentialAsk, InstallPlan, UpdatePlan
from app.views.market import Category, CreatorProfile, ListingCard, ListingDetail, Shelf
from app.views.trials import TrialResult

router = APIRouter(prefix="/api/v1/market", tags=["market"], responses=REFUSALS)
PAGE = 24
Slug = Annotated[str, Path(max_length=80, description="The listing's address, as in /marketplace/<slug>.")]
Choice = Annotated[str, Query(max_length=60)]
MAPPING = "Which credential of the workspace stands for each that the package names, by name; an empty text means later."
Mapping = Annotated[dict[str, str] | None, Field(description=MAPPING)]


class Results(Page[ListingCard]):
    """Listings that fit; `corrected` are words taken for a typing mistake; `has_all` is false where none has all the words."""

    corrected: list[str] = Field(default_factory=list[str])
    has_all: bool = True


class TryBody(Request):
    """What the listing's form asks for, and the buttons that are pressed where it asks a person."""

    inputs: dict[str, Any] = Field(default_factory=dict[str, Any])
    answers: dict[str, str] = Field(default_factory=dict[str, str], description="The id of a trial's question, with the id of a button.")


class InstallBody(Request):
    """The version whose permissions you have read. Without `credentials` what the plan proposes is taken."""

    version: str = Field(max_length=40)
    credentials: Mapping = None


class UpdateBody(InstallBody):
    """And what to do where the new version and you have changed the same thing."""

    take: str = Field(default="mine", max_length=20, description="mine, theirs, or replace: the new version without any change of yours")


class CredentialsBody(Request):
    """Which credentials an installed listing uses."""

    credentials: dict[str, str] = Field(description=MAPPING)


class Started(Shape):
    """What names the trial."""

    id: str


class Installed(Shape):
    """The workflow that was brought in or updated."""

    workflow_id: str


@router.get("/shelves", operation_id="list_shelves")
async def list_shelves(guest: Guest) -> Answer[Page[Shelf]]:
    """The rows of the marketplace's home page."""
    rows = await guest.read(market.list_shelves)
    return whole(rows)


@router.get("/categories", operation_id="list_categories")
async def list_categories(guest: Guest) -> Answer[Page[Category]]:
    """The categories in their order."""
    rows = await guest.read(market.list_categories)
    return whole(rows)


@router.get("/listings", operation_id="find_listings")
async def find_listings(
    guest: Guest,
    *,
    search: Search = "",
    category: Choice = "",
    price: Annotated[str, Query(pattern="^(|free|paid)$")] = "",
    stars: Annotated[int, Query(ge=0, le=5, description="At least so many, on average.")] = 0,
    model: Annotated[str, Query(max_length=40, description="Uses models of this provider.")] = "",
    without: Annotated[list[str], Query(max_length=4, description="Needs none of these: network, code, tools, credentials.")] = [],  # noqa: B006 - FastAPI copies it
    sort: Annotated[str, Query(pattern="^(|rating|popular|newest|cheapest|dearest)$", description="By how well it fits without.")] = "",
    cursor: Cursor = "",
) -> Answer[Results]:
    """Search with every filter and order of the page."""
    number = int(cursor) if cursor.isascii() and cursor.isdecimal() and len(cursor) < 5 else 1
    wish = {"search": search, "category": category, "price": price, "stars": stars, "model": model, "without": without, "sort": sort}
    found = await guest.read(market.find_listings, **wish, page=number, network=guest.network)
    following = str(number + 1) if found.cards and number * PAGE < found.total else None
    return done(
        Results(items=list(found.cards), total=found.total, next_cursor=following, corrected=list(found.corrected), has_all=found.has_all)
    )


@router.get("/listings/{slug}", operation_id="get_listing")
async def get_listing(slug: Slug, guest: Guest) -> Answer[ListingDetail]:
    """A listing with its label (what it may do), versions, samples, measurements and the form of a trial."""
    return done(await guest.read(market.get_listing, slug=slug))


@router.get("/creators/{creator_id}", operation_id="get_creator")
async def get_creator(creator_id: Id, guest: Guest) -> Answer[CreatorProfile]:
    """A creator with listings and the newest reviews."""
    return done(await guest.read(market.get_creator, creator_id=creator_id))


@router.post("/listings/{slug}/try", status_code=202, operation_id="try_listing")
async def try_listing(slug: Slug, body: TryBody, guest: Guest) -> Answer[Started]:
    """Run it once with demo models, reaching nothing outside and keeping nothing; where a person would be asked, it stops."""
    trial_id = await guest.write(market.start_trial, slug=slug, inputs=body.inputs, answers=body.answers, network=guest.network)
    return done(Started(id=trial_id), "Started.")


@router.get("/trials/{trial_id}", operation_id="get_trial")
async def get_trial(trial_id: Id, guest: Guest) -> Answer[TrialResult]:
    """How a trial stands."""
    return done(await guest.read(market.get_trial, trial_id=trial_id))


@router.get("/listings/{slug}/install", operation_id="plan_install")
async def plan_install(slug: Slug, door: Caller) -> Answer[InstallPlan]:
    """What an install brings, may do, and asks for; changes nothing."""
    return done(await door.read(market.plan_install, slug=slug))


@router.post("/listings/{slug}/install", operation_id="install_listing")
async def install_listing(slug: Slug, body: InstallBody, door: Caller) -> Answer[Installed]:
    """Bring it in; a second request gives the same workflow. Nothing runs until somebody starts it."""
    made = await door.write(market.install_listing, slug=slug, version=body.version, credentials=body.credentials)
    return done(Installed(workflow_id=made), "Installed.")


@router.get("/listings/{slug}/update", operation_id="plan_update")
async def plan_update(slug: Slug, door: Caller) -> Answer[UpdatePlan]:
    """What the newest version changes in what is installed; changes nothing."""
    return done(await door.read(market.plan_update, slug=slug))


@router.post("/listings/{slug}/update", operation_id="update_install")
async def update_install(slug: Slug, body: UpdateBody, door: Caller) -> Answer[Installed]:
    """Merge the newest version into what is installed."""
    return done(Installed(workflow_id=await door.write(market.update_install, slug=slug, **body.model_dump())), "Updated.")


@router.get("/listings/{slug}/credentials", operation_id="get_listing_credentials")
async def get_listing_credentials(slug: Slug, door: Caller) -> Answer[Page[CredentialAsk]]:
    """The credentials that an installed listing names, and which ones it uses here."""
    return whole(await door.read(market.get_credential_asks, slug=slug))


@router.put("/listings/{slug}/credentials", operation_id="choose_listing_credentials")
async def choose_listing_credentials(slug: Slug, body: CredentialsBody, door: Caller) -> Answer[Nothing]:
    """Choose other ones."""
    await door.write(market.choose_credentials, slug=slug, credentials=body.credentials)
    return done(Nothing(), "Saved.")
