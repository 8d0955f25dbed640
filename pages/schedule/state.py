"""State of a schedule's page: its moments, past and to come, and questions about them."""

import asyncio
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.schedules import (
    delete_schedule,
    describe_timing,
    explain_schedule,
    get_schedule,
    list_fires,
    pause_schedule,
    resume_schedule,
    run_schedule_now,
)
from app.wiring import get_wiring
from pages.loading import Loading
from pages.runs.present import ACTIVE
from pages.schedule.present import Answer, Fact, NextFire, answer_of, facts, next_fires
from pages.triggers.present import FireItem, ScheduleItem, fire_item, schedule_item

REFRESH_S = 2.0
ROUNDS = 150


class ScheduleState(Loading, rx.State):
    """The schedule of the address."""

    item: ScheduleItem = ScheduleItem()
    lines: list[Fact] = []
    upcoming: list[NextFire] = []
    fires: list[FireItem] = []
    next_cursor: str = ""
    rights: dict[str, bool] = {"edit": False, "run": False}
    moment: str = ""
    moment_error: str = ""
    answer: Answer = Answer()
    is_asking: bool = False
    _is_refreshing: bool = False

    @rx.event
    async def load(self) -> Any:
        """Read everything and follow what is going on."""
        self.moment, self.moment_error, self.answer, self.is_asking = "", "", Answer(), False
        with self._loading():
            await self._fetch()
            return ScheduleState.refresh

    async def _fetch(self) -> None:
        schedule_id = self._address_id()
        detail = await self._read(get_schedule, schedule_id=schedule_id)
        page = await self._read(list_fires, schedule_id=schedule_id)
        row, zone = detail.row, ZoneInfo(detail.row.time_zone)
        self.item, self.lines = schedule_item(row, now=get_wiring().ports.clock.now()), facts(detail)
        self.fires, self.next_cursor = [fire_item(fire, zone) for fire in page.rows], page.next_cursor
        self.rights = {"edit": detail.can_edit, "run": detail.can_run}
        self.upcoming = []
        if row.is_enabled:
            days = {"starts_on": detail.starts_on, "ends_on": detail.ends_on}
            asked = {name: day.isoformat() if day else None for name, day in days.items()}
            preview = await self._read(describe_timing, wording=row.cron, time_zone=row.time_zone, **asked)
            self.upcoming = next_fires(preview, zone)

    @rx.event(background=True)
    async def refresh(self):
        """Follow runs that are going and moments that are near, for some minutes."""
        async with self:
            if self._is_refreshing:
                return
            self._is_refreshing, schedule_id = True, self._address_id()
        try:
            for _ in range(ROUNDS):
                await asyncio.sleep(REFRESH_S)
                async with self:
                    if self._address_id() != schedule_id:
                        return
                    if self._is_lively():
                        await self._fetch()
        except AppError:
            return
        finally:
            async with self:
                self._is_refreshing = False

    def _is_lively(self) -> bool:
        is_near = self.item.next_in == "now" or self.item.next_in.endswith(" s")
        return is_near or any(fire.status in ACTIVE for fire in self.fires)

    @rx.event
    async def load_more(self) -> None:
        """Append older moments."""
        if not self.next_cursor:
            return
        page = await self._read(list_fires, schedule_id=self._address_id(), cursor=self.next_cursor)
        zone = ZoneInfo(self.item.zone)
        self.fires, self.next_cursor = [*self.fires, *(fire_item(fire, zone) for fire in page.rows)], page.next_cursor

    @rx.event
    async def run_now(self) -> Any:
        """Start one run at once."""
        await self._call(run_schedule_now, schedule_id=self._address_id())
        await self._fetch()
        return [rx.toast.success("A run was started."), ScheduleState.refresh]

    @rx.event
    async def pause(self) -> None:
        """Stop starting runs."""
        await self._call(pause_schedule, schedule_id=self._address_id())
        await self._fetch()

    @rx.event
    async def resume(self) -> None:
        """Go on with the next moment."""
        await self._call(resume_schedule, schedule_id=self._address_id())
        await self._fetch()

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Open or close the question about deleting."""
        self.is_asking = is_open is True

    @rx.event
    async def delete(self) -> Any:
        """Take the schedule away."""
        await self._call(delete_schedule, schedule_id=self._address_id())
        return [rx.toast.success("The schedule was deleted. Its runs stay."), rx.redirect("/triggers")]

    @rx.event
    def set_moment(self, text: str) -> None:
        """Name the moment in question, as the clocks of the schedule show it."""
        self.moment, self.moment_error = str(text)[:40], ""

    @rx.event
    async def ask_why(self) -> None:
        """Why did it (not) run then?"""
        self.answer = Answer()
        try:
            why = await self._read(explain_schedule, schedule_id=self._address_id(), moment=self.moment)
        except Invalid as refused:
            self.moment_error = refused.fields.get("moment", refused.message)
            return
        self.answer = answer_of(why, ZoneInfo(self.item.zone))
