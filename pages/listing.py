"""What the states of lists have in common: loading, searching, paging, and asking before a line is deleted."""

from typing import Any

import reflex as rx

from pages.loading import Loading

LONGEST_SEARCH = 200
LONGEST_ID = 64


class Listing(Loading, mixin=True):
    """A searched list. The state that mixes it in has `rows`, and reads them in `_fetch`."""

    search: str = ""

    async def _fetch(self) -> None:
        raise NotImplementedError

    async def _first(self) -> None:
        """Read the list; a refusal is shown in its place, a missing session is the frame's business."""
        with self._loading():
            await self._fetch()

    @rx.event
    async def set_search(self, text: str) -> None:
        """Filter by words."""
        self.search = str(text)[:LONGEST_SEARCH]
        await self._fetch()


class Asking(rx.State, mixin=True):
    """The line of a list that is about to be deleted. The state that mixes it in has `rows` with an id and a name."""

    asked_id: str = ""
    asked_name: str = ""

    @rx.event
    def ask_delete(self, row_id: str) -> None:
        """Open the question."""
        self.asked_id = str(row_id)[:LONGEST_ID]
        rows: list[Any] = getattr(self, "rows", [])
        self.asked_name = next((row.name for row in rows if row.id == self.asked_id), "")

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.asked_id = ""

    def _take_asked(self) -> tuple[str, str]:
        """Id and name of the line, and the question is closed."""
        asked = (self.asked_id, self.asked_name)
        self.asked_id = ""
        return asked


class Log(Listing, mixin=True):
    """A long list read page by page. The state that mixes it in has `rows`, and reads one page in `_page`."""

    next_cursor: str = ""

    async def _page(self, cursor: str = "") -> list[Any]:
        """Read one page and note where the next begins."""
        raise NotImplementedError

    async def _fetch(self) -> None:
        self.rows = await self._page()

    @rx.event
    async def more(self) -> None:
        """Show the next page as well."""
        if self.next_cursor:
            self.rows = [*self.rows, *await self._page(self.next_cursor)]
