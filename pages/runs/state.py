"""State of the run list: filters, pages, and following what happens."""

import reflex as rx

from app.services.runs import list_runs
from app.wiring import get_wiring
from pages.loading import Loading, looking_again
from pages.runs.present import RunItem, run_item

PAGE_SIZE = 30
STATUSES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
FILTERS = (("all", "All"), *((status, status.capitalize()) for status in STATUSES))


class RunsState(Loading, rx.State):
    """Which runs are shown."""

    rows: list[RunItem] = []
    next_cursor: str = ""
    status: str = "all"
    search: str = ""
    is_loading_more: bool = False

    async def _fetch(self, *, cursor: str = "", limit: int = PAGE_SIZE) -> tuple[list[RunItem], str]:
        statuses = (self.status,) if self.status in STATUSES else ()
        page = await self._read(list_runs, statuses=statuses, search=self.search, cursor=cursor, limit=limit)
        now = get_wiring().ports.clock.now()
        return [run_item(row, now=now) for row in page.rows], page.next_cursor

    @rx.event
    async def load(self):
        """Show the first page."""
        with self._loading():
            self.rows, self.next_cursor = await self._fetch()

    @rx.event
    async def choose_status(self, status: str):
        """Filter by status."""
        self.status = status if status in dict(FILTERS) else "all"
        return await self._reload()

    @rx.event
    async def set_search(self, text: str):
        """Filter by words of the name or of what the run was given."""
        self.search = str(text)[:200]
        return await self._reload()

    async def _reload(self):
        self.rows, self.next_cursor = await self._fetch()

    @rx.event
    async def clear(self):
        """Show everything again."""
        self.status, self.search = "all", ""
        return await self._reload()

    @rx.event
    async def load_more(self):
        """Append the next page."""
        if not self.next_cursor or self.is_loading_more:
            return
        self.is_loading_more = True
        yield
        rows, self.next_cursor = await self._fetch(cursor=self.next_cursor)
        self.rows = [*self.rows, *rows]
        self.is_loading_more = False

    async def _renew(self) -> None:
        """Read the newest rows again; those found further back stay as they are."""
        rows, cursor = await self._fetch(limit=min(200, max(PAGE_SIZE, len(self.rows))))
        known = {row.id for row in rows}
        older = [row for row in self.rows[len(rows) :] if row.id not in known]
        if (renewed := [*rows, *older]) != self.rows:
            self.rows, self.next_cursor = renewed, self.next_cursor if older else cursor

    @rx.event
    async def follow(self):
        """Show what has come or changed since."""
        if self.is_loading or self.is_loading_more or self.problem:
            return
        with looking_again():
            await self._renew()
