"""State of the run list: filters, pages and a quiet refresh while something is active."""

import asyncio

import reflex as rx

from app.core.errors import AppError
from app.services.runs import list_runs
from app.session import Bridge
from app.wiring import get_wiring
from pages.runs.present import ACTIVE, RunItem, run_item

PAGE_SIZE = 30
REFRESH_S = 2.0
STATUSES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
FILTERS = (("all", "All"), *((status, status.capitalize()) for status in STATUSES))


class RunsState(Bridge, rx.State):
    """Which runs are shown."""

    rows: list[RunItem] = []
    next_cursor: str = ""
    status: str = "all"
    search: str = ""
    problem: str = ""
    is_loading: bool = True
    is_loading_more: bool = False
    _is_refreshing: bool = False

    async def _fetch(self, *, cursor: str = "", limit: int = PAGE_SIZE) -> tuple[list[RunItem], str]:
        statuses = (self.status,) if self.status in STATUSES else ()
        page = await self._read(list_runs, statuses=statuses, search=self.search, cursor=cursor, limit=limit)
        now = get_wiring().ports.clock.now()
        return [run_item(row, now=now) for row in page.rows], page.next_cursor

    @rx.event
    async def load(self):
        """Show the first page and start refreshing."""
        self.problem = ""
        try:
            self.rows, self.next_cursor = await self._fetch()
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False
        return RunsState.refresh

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
        self.rows, self.next_cursor = [*rows, *older], self.next_cursor if older else cursor

    @rx.event(background=True)
    async def refresh(self):
        """Follow active runs until none is left or the person leaves the page."""
        async with self:
            if self._is_refreshing:
                return
            self._is_refreshing = True
        while True:
            await asyncio.sleep(REFRESH_S)
            async with self:
                if self.router.url.path.rstrip("/") != "/runs" or not any(row.status in ACTIVE for row in self.rows):
                    self._is_refreshing = False
                    return
                try:
                    await self._renew()
                except AppError:
                    self._is_refreshing = False
                    return
