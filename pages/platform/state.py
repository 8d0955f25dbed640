"""State of the operators' page of money: the report of a period, and the platform's part of listings."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import list_listing_fees, set_listing_fee
from app.services.payments import export_report, get_report
from app.views import words
from app.views.market import FeeRow
from app.views.payments import PlatformReport, ReportFile
from pages.loading import Loading

FEE_FIELDS = ("slug", "percent", "starts_on")
BLANK: dict[str, str] = dict.fromkeys(FEE_FIELDS, "")


@dataclass(frozen=True, slots=True)
class FeeItem:
    """A fee in words."""

    listing: str
    href: str
    creator: str
    percent: str
    starts: str
    is_now: bool


class ReportState(Loading, rx.State):
    """A period of the books."""

    reports: list[PlatformReport] = []
    since: str = ""
    until: str = ""
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """This month."""
        self.since = self.until = ""
        with self._loading():
            await self._fetch()

    @rx.event
    def set_since(self, day: str) -> None:
        """The first day."""
        self.since = str(day)[:10]

    @rx.event
    def set_until(self, day: str) -> None:
        """The last day."""
        self.until = str(day)[:10]

    @rx.event
    async def show(self) -> Any:
        """The period that was chosen."""
        try:
            await self._fetch()
        except AppError as refused:
            self.errors = refused.fields
            return rx.toast.error(refused.message)
        return None

    @rx.event
    async def export(self) -> Any:
        """Take it along."""
        file: ReportFile = await self._read(export_report, since=self.since, until=self.until)
        return rx.download(data=file.text, filename=file.name)

    async def _fetch(self) -> None:
        self.errors = {}
        self.reports = list(await self._read(get_report, since=self.since, until=self.until))
        if self.reports and not (self.since and self.until):
            self.since, self.until = self.reports[0].since, self.reports[0].until


class FeeState(Loading, rx.State):
    """What was set for listings."""

    rows: list[FeeItem] = []
    form: dict[str, str] = BLANK
    errors: dict[str, str] = {}
    is_open: bool = False

    @rx.event
    async def load(self) -> None:
        """Read it."""
        self.is_open = False
        with self._loading():
            await self._fetch()

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Open or close the form."""
        self.is_open, self.errors, self.form = is_open is True, {}, dict(BLANK)

    @rx.event
    def set_field(self, name: str, value: str) -> None:
        """Typing in the form."""
        if name in FEE_FIELDS:
            self.form = {**self.form, name: str(value)[:80]}

    @rx.event
    async def save(self) -> Any:
        """Set it, or show what is wrong where it is wrong."""
        slug = self.form["slug"].strip().rstrip("/").rsplit("/", 1)[-1]
        try:
            made: FeeRow = await self._call(set_listing_fee, slug=slug, percent=self.form["percent"], starts_on=self.form["starts_on"])
        except AppError as refused:
            self.errors = refused.fields or {"slug": refused.message}
            return rx.toast.error(refused.message)
        self.is_open = False
        await self._fetch()
        return rx.toast.success(f"{made.listing}: {made.percent} % from {words.day(made.starts_at)} on.")

    async def _fetch(self) -> None:
        self.rows = [_item(row) for row in await self._read(list_listing_fees)]


def _item(row: FeeRow) -> FeeItem:
    starts = words.day(row.starts_at)
    return FeeItem(row.listing, f"/marketplace/{row.slug}", row.creator, f"{row.percent} %", starts, row.is_now)
