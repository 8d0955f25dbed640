"""From rows of listings to the cards that people see."""

from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, select

from app.core.money import format_cents
from app.core.uow import UnitOfWork
from app.services.market.packages import drawing_of
from app.services.market.shelves import LABELS
from app.views.market import ListingCard
from engine.json import JsonObject
from models.listing import Listing, ListingVersion

NEW_FOR = timedelta(days=30)


def to_cards(uow: UnitOfWork, listings: Sequence[Listing]) -> tuple[ListingCard, ...]:
    """Cards in the given order; the packages themselves are not read."""
    wanted = [listing.version_id for listing in listings if listing.version_id]
    rows = uow.session.exec(select(ListingVersion.id, ListingVersion.manifest).where(col(ListingVersion.id).in_(wanted))) if wanted else ()
    contents: dict[object, JsonObject] = dict(tuple(row) for row in rows)  # type: ignore[arg-type]
    return tuple(_card(uow, listing, contents.get(listing.version_id, {})) for listing in listings)


def _card(uow: UnitOfWork, listing: Listing, content: JsonObject) -> ListingCard:
    published = listing.published_at
    return ListingCard(
        slug=listing.slug,
        name=listing.name,
        tagline=listing.tagline,
        category=listing.category,
        category_label=LABELS.get(listing.category, ""),
        creator=listing.creator,
        price=price_text(listing),
        is_free=listing.price_cents == 0,
        stars=stars_of(listing),
        rating_count=listing.rating_count,
        install_count=listing.install_count,
        step_count=int(content.get("steps", 0)),
        is_new=published is not None and uow.ports.clock.now() - published < NEW_FOR,
        is_featured=listing.is_featured,
        miniature=drawing_of(content),
        tests=int(content.get("tests", 0)),
    )


def price_text(listing: Listing) -> str:
    """`Free`, the price, or what a month costs."""
    return price_words(listing.price_cents, listing.currency, is_monthly=listing.is_monthly)


def price_words(cents: int, currency: str, *, is_monthly: bool) -> str:
    """The same for a price that is not the listing's yet."""
    text = format_cents(cents, currency)
    return "Free" if not cents else f"{text} a month" if is_monthly else text


def stars_of(listing: Listing) -> str:
    """The mean with one decimal, "" before the first review."""
    return f"{listing.rating_sum / listing.rating_count:.1f}" if listing.rating_count else ""
