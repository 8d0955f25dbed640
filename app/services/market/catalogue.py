"""The listings that every installation starts with; `agent-factory seed` and `up` call it at each start."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from sqlmodel import col, select

from app.core.first_rows import OFFERS, OFFICIAL, Offer
from app.core.money import CURRENCY
from app.core.uow import UnitOfWork
from app.services.market.publishing import add_version
from engine.blueprint.bundle import Bundle
from engine.blueprint.codec import decode
from models.listing import Listing, ListingVersion
from models.workspace import Workspace

CREATOR = "Agent Factory"
TEMPLATES, CATALOGUE = files("app") / "templates", files("app") / "catalogue"
OFFICIAL_FEE_BPS = 10_000  # the platform sells for itself: nobody else is owed anything


def read_offer(key: str) -> Bundle:
    """The blueprint of a listing."""
    folder = TEMPLATES if (TEMPLATES / f"{key}.yaml").is_file() else CATALOGUE
    return decode((folder / f"{key}.yaml").read_bytes())


@cache
def read_samples() -> dict[str, list[dict[str, Any]]]:
    """What runs of the tests gave, with the demo models; a test of the suite holds that they still do."""
    return json.loads((CATALOGUE / "samples.json").read_bytes())


@cache
def read_about() -> dict[str, str]:
    """The long descriptions."""
    return json.loads((CATALOGUE / "about.json").read_bytes())


@cache
def read_changes() -> dict[str, dict[str, str]]:
    """What each version after the first one changed, by listing and version."""
    return json.loads((CATALOGUE / "changes.json").read_bytes())


def seed_market(uow: UnitOfWork) -> int:
    """Add the listings that are missing and return how many.

    One that shows an older version gets today's beside it, as a seller would publish it: versions never change, buyers
    choose when to update, and price, shelf and state stay as its operator left them.
    """
    shown = select(Listing.slug, ListingVersion.number).join(ListingVersion, col(ListingVersion.id) == Listing.version_id, isouter=True)
    present: dict[str, str | None] = dict(uow.session.exec(shown.where(Listing.workspace_id == OFFICIAL)).all())
    for offer in OFFERS:
        number = present.get(offer.slug)
        if number and _order(number) < _order(offer.version):
            _renew(uow, offer)
    missing = [offer for offer in OFFERS if offer.slug not in present]
    if not missing:
        return 0
    if uow.session.get(Workspace, OFFICIAL) is None:
        uow.session.add(Workspace(id=OFFICIAL, name=CREATOR))
        uow.session.flush()
    for offer in missing:
        _add(uow, offer)
    return len(missing)


def _add(uow: UnitOfWork, offer: Offer) -> None:
    bundle = read_offer(offer.key)
    listing = Listing(
        workspace_id=OFFICIAL, slug=offer.slug, creator=CREATOR, currency=CURRENCY, fee_bps=OFFICIAL_FEE_BPS, icon="workflow",
        is_featured=offer.is_featured, name="", tagline="", category="",
    )  # fmt: skip
    is_sold = uow.ports.payments is not None and uow.ports.payments.is_local  # with real money, its operator decides what is sold
    wish = {
        "name": bundle.metadata.name,
        "tagline": bundle.metadata.description[:200],
        "description": read_about()[offer.key],
        "category": offer.category,
        "price_cents": offer.price_cents if is_sold else 0,
        "is_monthly": offer.is_monthly and is_sold,
        "licence": "mit" if not offer.price_cents else "standard",
        "version": bundle.metadata.version,
        "changelog": _changelog(offer) or "First version.",
    }
    add_version(uow, listing, bundle, wish=wish, samples=read_samples()[offer.key])


def _renew(uow: UnitOfWork, offer: Offer) -> None:
    listing = uow.session.exec(select(Listing).where(Listing.slug == offer.slug, Listing.workspace_id == OFFICIAL)).one()
    if listing.state not in ("live", "unlisted"):
        return  # what was taken down stays down
    bundle = read_offer(offer.key)
    wish = {
        "tagline": bundle.metadata.description[:200],
        "description": read_about()[offer.key],
        "licence": "mit" if not offer.price_cents else "standard",
        "version": bundle.metadata.version,
        "changelog": _changelog(offer),
    }
    add_version(uow, listing, bundle, wish=wish, samples=read_samples()[offer.key])


def _order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split("."))


def _changelog(offer: Offer) -> str:
    return read_changes().get(offer.key, {}).get(offer.version, "")
