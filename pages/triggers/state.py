"""State of the schedule list: filters, and what the menu of a line does."""

from typing import Any

import reflex as rx

from app.services.schedules import delete_schedule, duplicate_schedule, list_schedules, pause_schedule, resume_schedule, run_schedule_now
from app.views.words import ago
from app.wiring import get_wiring
from pages.listing import Asking, Listing
from pages.triggers.present import ScheduleItem, schedule_item

FILTERS = (("all", "All"), ("active", "Active"), ("paused", "Paused"), ("problem", "Problems"))


class SchedulesState(Asking, Listing, rx.State):
    """Which schedules are shown, and the one that is about to be deleted."""

    rows: list[ScheduleItem] = []
    total: int = 0
    can_edit: bool = False
    status: str = "all"
    workflow_id: str = ""
    unwatched: str = ""

    @rx.var
    def new_href(self) -> str:
        """The form of a new schedule, for the workflow the list is narrowed to."""
        return f"/triggers/schedules/new{f'?workflow={self.workflow_id}' if self.workflow_id else ''}"

    @rx.event
    async def load(self) -> None:
        """Read the list; `?workflow=` narrows it to one workflow."""
        self.asked_id = ""
        self.workflow_id = self.router.url.query_parameters.get("workflow", "")[:64]
        await self._first()

    async def _fetch(self) -> None:
        found = await self._read(list_schedules, search=self.search, state=self.status, workflow_id=self.workflow_id)
        now = get_wiring().ports.clock.now()
        self.rows = [schedule_item(row, now=now) for row in found.rows]
        self.total, self.can_edit = found.total, found.can_edit
        since = f" The last one looked {ago(found.unwatched_since, now=now)}." if found.unwatched_since else ""
        self.unwatched = f"No worker is looking for what is due, so nothing starts.{since}" if found.is_unwatched else ""

    @rx.event
    async def choose_status(self, status: str) -> None:
        """Filter by state."""
        self.status = status if status in dict(FILTERS) else "all"
        await self._fetch()

    @rx.event
    async def run_now(self, schedule_id: str) -> Any:
        """Start one run at once."""
        run = await self._call(run_schedule_now, schedule_id=schedule_id)
        await self._fetch()
        return rx.toast.success("A run was started.", action={"label": "Open it", "on_click": rx.redirect(f"/runs/{run.id}")})

    @rx.event
    async def pause(self, schedule_id: str) -> Any:
        """Stop starting runs."""
        row = await self._call(pause_schedule, schedule_id=schedule_id)
        await self._fetch()
        return rx.toast.success(f"“{row.name}” is paused.")

    @rx.event
    async def resume(self, schedule_id: str) -> Any:
        """Go on with the next moment, in the name of who presses this."""
        row = await self._call(resume_schedule, schedule_id=schedule_id)
        await self._fetch()
        return rx.toast.success(f"“{row.name}” runs again, in your name.")

    @rx.event
    async def duplicate(self, schedule_id: str) -> Any:
        """Make a paused copy and open its form."""
        row = await self._call(duplicate_schedule, schedule_id=schedule_id)
        return rx.redirect(f"/triggers/schedules/{row.id}/edit")

    @rx.event
    async def delete(self) -> Any:
        """Take the schedule away."""
        schedule_id, name = self._take_asked()
        await self._call(delete_schedule, schedule_id=schedule_id)
        await self._fetch()
        return rx.toast.success(f"“{name}” was deleted. Its runs stay.")
