"""State of a creator's page."""

from dataclasses import dataclass

import reflex as rx

from app.services.market import get_creator
from app.views import words
from app.views.accounts import initials_of
from app.views.market import CreatorProfile, ListingCard
from pages.loading import Loading


@dataclass(frozen=True, slots=True)
class CreatorItem:
    """The creator in words."""

    name: str = ""
    initials: str = ""
    about: str = ""
    text: str = ""
    website: str = ""
    website_label: str = ""
    picture: str = ""
    is_own: bool = False
    can_clear: bool = False
    stars: str = ""
    rating_count: int = 0


@dataclass(frozen=True, slots=True)
class SaidItem:
    """A review and what it is about."""

    author: str
    initials: str
    stars: int
    text: str
    listing: str
    href: str
    when: str
    reply: str


class CreatorState(Loading, rx.State):
    """One creator."""

    creator: CreatorItem = CreatorItem()
    cards: list[ListingCard] = []
    said: list[SaidItem] = []

    @rx.event
    async def load(self) -> None:
        """Read the page."""
        self.is_loading, self.creator = True, CreatorItem()
        with self._loading():
            self._show(await self._read(get_creator, creator_id=self._address_id()))

    def _show(self, found: CreatorProfile) -> None:
        listings = f"{found.listing_count} {'listing' if found.listing_count == 1 else 'listings'}"
        installs = f"{found.install_count:,} {'install' if found.install_count == 1 else 'installs'}"
        since = f", on the marketplace since {found.since:%B %Y}" if found.since else ""
        self.creator = CreatorItem(
            name=found.name,
            initials=initials_of(found.name),
            about=f"{listings}, {installs}{since}",
            text=found.about,
            website=found.website,
            website_label=found.website.removeprefix("https://").removeprefix("www.").rstrip("/"),
            picture=found.picture,
            is_own=found.is_own,
            can_clear=found.can_clear,
            stars=found.stars,
            rating_count=found.rating_count,
        )
        self.cards = list(found.cards)
        self.said = [
            SaidItem(
                one.author,
                initials_of(one.author),
                one.stars,
                one.text,
                one.listing,
                f"/marketplace/{one.slug}",
                words.day(one.created_at),
                one.reply,
            )
            for one in found.reviews
        ]
