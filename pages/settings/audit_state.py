"""State of the audit page: filters, pages, one entry, exports, the proof, how long entries are kept."""

from collections import Counter
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.audit import check_chain, export_entries, list_entries, list_filters, set_retention
from pages.listing import Log
from pages.settings.audit_present import AuditItem, audit_item

FILTERS = ("action", "kind", "outcome", "person", "since", "until")


def _by_words(actions: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Sorted as they are read; those of the same words are told apart by their area."""
    twice = {words for words, count in Counter(words for _, words in actions).items() if count > 1}
    named = [(one, f"{words} ({one.partition('.')[0]})" if words in twice else words) for one, words in actions]
    return sorted(named, key=lambda one: one[1])


class AuditState(Log, rx.State):
    """The trail."""

    rows: list[AuditItem] = []
    total: int = 0
    filters: dict[str, str] = {}
    people: list[dict[str, str]] = []
    kinds: list[dict[str, str]] = []
    actions: list[dict[str, str]] = []
    retention: str = "365"
    can_manage: bool = False
    shown: AuditItem = AuditItem()

    @rx.event
    async def load(self) -> None:
        """Show the newest entries."""
        self.search, self.filters, self.shown = "", {}, AuditItem()
        await self._first()
        if not self.problem:
            offered = await self._read(list_filters)
            self.people = [{"value": "", "label": "Everybody"}, *({"value": one, "label": name} for one, name in offered.people)]
            self.actions = [
                {"value": "", "label": "Anything"},
                *({"value": one, "label": words} for one, words in _by_words(offered.actions)),
            ]
            self.kinds = [{"value": "", "label": "Everything"}, *({"value": one, "label": name} for one, name in offered.kinds)]

    async def _page(self, cursor: str = "") -> list[Any]:
        page = await self._read(list_entries, filters=self._filters(), cursor=cursor)
        self.next_cursor, self.total = page.next_cursor, page.total
        self.retention, self.can_manage = str(page.retention_days), page.can_manage
        return [audit_item(row) for row in page.rows]

    def _filters(self) -> dict[str, str]:
        return {**{name: value for name, value in self.filters.items() if value}, **({"search": self.search} if self.search else {})}

    @rx.event
    async def set_filter(self, name: str, value: str) -> Any:
        """Show what fits alone."""
        if name not in FILTERS:
            return None
        before, self.filters = self.filters, {**self.filters, name: str(value)[:64]}
        try:
            await self._fetch()
        except Invalid as refused:
            self.filters = before
            return rx.toast.error(next(iter(refused.fields.values()), refused.message))
        return None

    @rx.event
    def show(self, seq: int) -> None:
        """Open one entry."""
        self.shown = next((row for row in self.rows if row.seq == seq), AuditItem())

    @rx.event
    def set_shown(self, is_open: bool) -> None:
        """Close it."""
        if is_open is not True:
            self.shown = AuditItem()

    @rx.event
    async def export(self, file_format: str) -> Any:
        """Take what fits along."""
        file = await self._call(export_entries, filters=self._filters(), file_format=file_format)
        return rx.download(data=file.text, filename=file.name)

    @rx.event
    async def verify(self) -> Any:
        """Prove the chain."""
        verdict = await self._read(check_chain)
        if verdict.problems:
            return rx.toast.error(f"The trail was touched: {verdict.problems[0].message}", duration=20_000)
        return rx.toast.success(f"{verdict.entries} entries, unbroken.")

    @rx.event
    async def keep(self, days: str) -> Any:
        """How long entries are kept."""
        await self._call(set_retention, days=int(days) if str(days).isdecimal() else 0)
        await self._fetch()
        return rx.toast.success(f"Entries are kept for {days} days.")
