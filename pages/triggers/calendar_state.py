"""State of the calendar: two weeks as the clocks of the person's browser show them."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from app.services.schedules import read_calendar, zone_names
from app.wiring import get_wiring
from pages.loading import Loading
from pages.triggers.calendar_present import CalendarDay, calendar_days, title_of

_ZONE = "Intl.DateTimeFormat().resolvedOptions().timeZone"
DAYS = 14


class CalendarState(Loading, rx.State):
    """Which two weeks are shown."""

    days: list[CalendarDay] = []
    title: str = ""
    zone: str = ""
    is_this_week: bool = True
    is_empty: bool = True
    _first: str = ""

    @rx.event
    def load(self) -> Any:
        """Begin with this week; the browser says in which zone."""
        self.problem, self._first = "", ""
        return rx.call_script(_ZONE, callback=CalendarState.take_zone)

    @rx.event
    async def take_zone(self, name: object) -> None:
        """Show the days of this zone."""
        self.zone = name if isinstance(name, str) and name in zone_names() else "UTC"
        await self._show()

    @rx.event
    async def turn(self, weeks: object) -> None:
        """Go back or on by this many weeks; 0 is today."""
        step = weeks if isinstance(weeks, int) and abs(weeks) <= 4 else 0
        self._first = (self._monday() + timedelta(weeks=step)).isoformat() if step else ""
        await self._show()

    def _today(self) -> date:
        return get_wiring().ports.clock.now().astimezone(ZoneInfo(self.zone or "UTC")).date()

    def _monday(self) -> date:
        if self._first:
            return date.fromisoformat(self._first)
        today = self._today()
        return today - timedelta(days=today.weekday())

    async def _show(self) -> None:
        first, today = self._monday(), self._today()
        wanted = self.router.url.query_parameters.get("workflow", "")[:64]
        with self._loading():
            found = await self._read(read_calendar, first=first.isoformat(), days=DAYS, time_zone=self.zone or "UTC", workflow_id=wanted)
            self.days = calendar_days(found, first=first, count=DAYS, zone=ZoneInfo(self.zone or "UTC"), today=today)
            self.title, self.is_this_week, self.is_empty = title_of(first, DAYS), self._first == "", not found
