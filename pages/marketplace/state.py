"""State of the marketplace's home page: shelves, or what a search found."""

from typing import Any

import reflex as rx

from app.services.market import find_listings, get_desk, list_shelves
from app.views.market import Desk, Found, ListingCard, Shelf
from pages.loading import Loading

LONGEST = 200


class MarketState(Loading, rx.State):
    """What is looked for; the address holds it too, so that a search can be shared."""

    shelves: list[Shelf] = []
    cards: list[ListingCard] = []
    total: int = 0
    corrected: str = ""
    search: str = ""
    category: str = ""
    price: str = ""
    sort: str = ""
    page: int = 1
    desk: str = ""  # the label of the operators' door; "" for everybody else

    @rx.event
    async def load(self) -> None:
        """Read what the address asks for."""
        wanted = self.router.url.query_parameters
        self.search, self.category = wanted.get("search", "")[:LONGEST], wanted.get("category", "")[:20]
        self.price, self.sort, self.page = "", "", 1
        with self._loading():
            await self._fetch()
            desk: Desk = await self._read(get_desk)
            self.desk = (f"Moderation ({desk.waiting})" if desk.waiting else "Moderation") if desk.is_operator else ""

    @rx.var
    def is_searching(self) -> bool:
        """Whether results stand in place of the shelves."""
        return bool(self.search or self.category or self.price or self.sort)

    @rx.var
    def has_more(self) -> bool:
        """Whether there are further results."""
        return len(self.cards) < self.total

    @rx.event
    async def set_search(self, words: str) -> None:
        """Typing in the search box."""
        self.search, self.page = str(words)[:LONGEST], 1
        await self._fetch()

    @rx.event
    async def set_category(self, key: str) -> None:
        """Press a shelf; pressing it again shows all."""
        self.category, self.page = ("" if key == self.category else str(key)[:20]), 1
        await self._fetch()

    @rx.event
    async def set_price(self, key: str) -> None:
        """Free, paid or all."""
        self.price, self.page = str(key)[:10], 1
        await self._fetch()

    @rx.event
    async def set_sort(self, key: str) -> None:
        """Another order."""
        self.sort, self.page = str(key)[:20], 1
        await self._fetch()

    @rx.event
    async def show_all(self) -> Any:
        """Forget what was looked for."""
        self.search = self.category = self.price = self.sort = ""
        await self._fetch()

    @rx.event
    async def more(self) -> None:
        """The next results below those that are shown."""
        self.page += 1
        shown = self.cards
        await self._fetch()
        self.cards = [*shown, *self.cards]

    async def _fetch(self) -> None:
        if not self.is_searching:
            self.shelves = list(await self._read(list_shelves))
            return
        wish = {"search": self.search, "category": self.category, "price": self.price, "sort": self.sort, "page": self.page}
        found: Found = await self._read(find_listings, **wish)
        self.cards, self.total, self.corrected = list(found.cards), found.total, ", ".join(found.corrected)
