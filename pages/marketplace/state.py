"""State of the marketplace's home page: shelves, or what a search found."""

import json
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from app.core.errors import LimitReached
from app.services.market import find_listings, get_desk, get_listing_count, list_shelves
from app.views.market import Desk, Found, ListingCard, Shelf
from pages.loading import Loading

LONGEST = 200
CHOICES = ("category", "price", "sort", "stars", "model", "without")  # what the address keeps beside the search


class MarketState(Loading, rx.State):
    """What is looked for; the address holds it too, so that a search can be shared."""

    shelves: list[Shelf] = []
    cards: list[ListingCard] = []
    total: int = 0
    corrected: str = ""
    has_all: bool = True
    search: str = ""
    chosen: dict[str, str] = {}
    page: int = 1
    desk: str = ""  # the label of the operators' door; "" for everybody else

    @rx.event
    async def load(self) -> None:
        """Read what the address asks for."""
        wanted = self.router.url.query_parameters
        self.search, self.page = wanted.get("search", "")[:LONGEST], 1
        self.chosen = {name: wanted[name][:60] for name in CHOICES if wanted.get(name)}
        with self._loading():
            await self._fetch()
            desk: Desk = await self._read(get_desk)
            waiting = desk.waiting + desk.reported
            self.desk = (f"Moderation ({waiting})" if waiting else "Moderation") if desk.is_operator else ""

    @rx.var
    def is_searching(self) -> bool:
        """Whether results stand in place of the shelves."""
        return bool(self.search or any(self.chosen.values()))

    @rx.var
    def has_more(self) -> bool:
        """Whether there are further results."""
        return len(self.cards) < self.total

    @rx.var
    def avoided(self) -> list[str]:
        """What the listings that are found do without."""
        return [need for need in self.chosen.get("without", "").split(",") if need]

    @rx.event
    async def set_search(self, words: str) -> Any:
        """Typing in the search box."""
        self.search = str(words)[:LONGEST]
        return await self._search("replace")

    @rx.event
    async def choose(self, name: str, value: str) -> Any:
        """Narrow, or sort; a category that is chosen already is let go."""
        if name not in CHOICES:
            return None
        value = str(value)[:60]
        is_let_go = name == "category" and self.chosen.get("category") == value
        self.chosen = {**self.chosen, name: "" if is_let_go else value}
        return await self._search()

    @rx.event
    async def toggle_need(self, need: str) -> Any:
        """Leave out listings that need this, or let them in again."""
        kept = [one for one in self.avoided if one != need] if need in self.avoided else [*self.avoided, str(need)[:12]]
        self.chosen = {**self.chosen, "without": ",".join(kept[:8])}
        return await self._search()

    @rx.event
    async def show_all(self) -> Any:
        """Forget what was looked for."""
        self.search, self.chosen = "", {}
        return await self._search()

    @rx.event
    async def more(self) -> None:
        """The next results below those that are shown."""
        self.page += 1
        shown = self.cards
        await self._fetch()
        self.cards = [*shown, *self.cards]

    async def _search(self, address_by: str = "push") -> Any:
        """The first page of what is wanted now; the address keeps it, for a reload and a colleague.

        What is chosen is a step that the browser's Back undoes (`push`); letters that are typed are none (`replace`).
        """
        self.page = 1
        try:
            await self._fetch()
        except LimitReached as refused:
            return rx.toast.error(refused.message)
        query = urlencode({name: value for name, value in {"search": self.search, **self.chosen}.items() if value})
        address = json.dumps(f"/marketplace?{query}" if query else "/marketplace")
        is_other = f"/^.marketplace.?$/.test(location.pathname) && location.pathname + location.search !== {address}"
        return rx.call_script(f"{is_other} && history.{address_by}State(history.state, '', {address})")

    async def _fetch(self) -> None:
        if not self.is_searching:
            self.shelves, self.total = list(await self._read(list_shelves)), await self._read(get_listing_count)
            return
        chosen = {name: self.chosen.get(name, "") for name in ("category", "price", "sort", "model")}
        stars = int(self.chosen["stars"]) if self.chosen.get("stars", "").isdecimal() else 0
        wish: dict[str, Any] = {**chosen, "search": self.search, "stars": stars, "without": self.avoided, "page": self.page}
        found: Found = await self._read(find_listings, **wish, network=self.router.session.client_ip)
        self.cards, self.total, self.has_all = list(found.cards), found.total, found.has_all
        self.corrected = ", ".join(found.corrected)
