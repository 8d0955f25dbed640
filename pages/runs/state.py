"""State of the run list: filters, pages, and following what happens."""

import json
from urllib.parse import urlencode

import reflex as rx

from app.core.errors import Invalid
from app.services.runs import list_runs
from app.services.workflows import list_workflows
from app.wiring import get_wiring
from pages.loading import Loading, looking_again
from pages.runs.present import RunItem, run_item

PAGE_SIZE = 30
STATUSES = ("queued", "running", "waiting", "succeeded", "failed", "cancelled")
CHOICES = ("workflow", "since", "until")  # what the address keeps beside status and search
MOST_WORKFLOWS = 200
FILTERS = (("all", "All"), *((status, status.capitalize()) for status in STATUSES))


class RunsState(Loading, rx.State):
    """Which runs are shown."""

    rows: list[RunItem] = []
    next_cursor: str = ""
    status: str = "all"
    search: str = ""
    chosen: dict[str, str] = {}
    workflows: list[dict[str, str]] = []
    is_loading_more: bool = False

    async def _fetch(self, *, cursor: str = "", limit: int = PAGE_SIZE) -> tuple[list[RunItem], str]:
        statuses = (self.status,) if self.status in STATUSES else ()
        wanted = {"since": self.chosen.get("since", ""), "until": self.chosen.get("until", "")}
        wanted |= {"workflow_id": self.chosen.get("workflow") or None, "search": self.search, "cursor": cursor}
        page = await self._read(list_runs, statuses=statuses, limit=limit, **wanted)
        now = get_wiring().ports.clock.now()
        return [run_item(row, now=now) for row in page.rows], page.next_cursor

    @rx.event
    async def load(self):
        """Show the first page of what the address asks for."""
        asked = self.router.url.query_parameters
        status = asked.get("status", "all")
        self.status = status if status in STATUSES else "all"
        self.search = asked.get("search", "")[:200]
        self.chosen = {name: asked[name][:64] for name in CHOICES if asked.get(name)}
        with self._loading():
            page = await self._read(list_workflows, sort="name", limit=MOST_WORKFLOWS)
            named = [{"value": str(card.id), "label": card.name} for card in page.items]
            self.workflows = [{"value": "", "label": "All workflows"}, *named]
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

    @rx.event
    async def choose(self, name: str, value: str):
        """Filter by workflow, first or last day."""
        is_half_typed = name != "workflow" and bool(value) and str(value) < "2000"  # the first digits of a year
        if name not in CHOICES or is_half_typed:
            return None
        before, self.chosen = self.chosen, {**self.chosen, name: str(value)[:64]}
        try:
            return await self._reload()
        except Invalid as refused:
            self.chosen = before
            return rx.toast.error(next(iter(refused.fields.values()), refused.message))

    async def _reload(self):
        self.rows, self.next_cursor = await self._fetch()
        return self._keep_in_address()

    def _keep_in_address(self):
        """The address keeps the filter, for a reload, the way back and a colleague."""
        kept = {"status": self.status if self.status != "all" else "", "search": self.search, **self.chosen}
        query = urlencode({name: value for name, value in kept.items() if value})
        address = json.dumps(f"/runs?{query}" if query else "/runs")
        return rx.call_script(f"/^.runs.?$/.test(location.pathname) && history.replaceState(history.state, '', {address})")

    @rx.event
    async def clear(self):
        """Show everything again."""
        self.status, self.search, self.chosen = "all", "", {}
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
