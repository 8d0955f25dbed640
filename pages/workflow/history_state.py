"""State of the history panel: the versions of the open workflow, the comparison that is shown, naming and going back."""

from dataclasses import asdict
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.history import compare_versions, list_versions, name_version, restore_version
from app.session import Bridge
from app.views.history import DRAFT
from app.wiring import get_wiring
from components.canvas.messages import post
from pages.workflow.history_present import ComparisonItem, VersionItem, comparison_item, on_canvas, version_item

AGAINST = (DRAFT, "previous")


class HistoryState(Bridge, rx.State):
    """`chosen` is the version that is compared, "" while the list is shown; `naming` the one whose name is asked for."""

    versions: list[VersionItem] = []
    has_more: bool = False
    can_edit: bool = False
    named_only: bool = False
    chosen: VersionItem = VersionItem("", "", "", "", "")
    against: str = DRAFT
    comparison: ComparisonItem = ComparisonItem()
    naming: str = ""
    problem: str = ""
    _last: int = 0

    async def _page(self, before: int | None) -> list[VersionItem]:
        asked = {"workflow_id": self._address_id(), "named_only": self.named_only, "before": before}
        page = await self._read(list_versions, **asked)
        now = get_wiring().ports.clock.now()
        self.has_more, self.can_edit = page.has_more, page.can_edit
        self._last = page.rows[-1].number if page.rows else 0
        head = [] if before or self.named_only else [version_item(page.draft, now=now)]
        return [*head, *(version_item(row, now=now) for row in page.rows)]

    @rx.event
    async def load(self):
        """Show the list; called when the panel opens."""
        self.reset()
        self.versions = await self._page(None)

    @rx.event
    async def more(self):
        """Older versions."""
        if self._last:
            self.versions = [*self.versions, *await self._page(self._last)]

    @rx.event
    async def set_named_only(self, only: bool):
        """Only versions with a name."""
        self.named_only = only is True
        self.versions = await self._page(None)

    @rx.event
    async def show(self, version_id: str):
        """Compare one version with the draft; the draft with what came before it."""
        found = next((item for item in self.versions if item.id == version_id), None)
        if found is None:
            return None
        self.chosen, self.naming = found, ""
        self.against = "previous" if found.is_draft else DRAFT
        return await self._compare()

    @rx.event
    async def set_against(self, against: str):
        """Compare with the draft, or with the version before."""
        self.against = against if against in AGAINST else DRAFT
        return await self._compare()

    async def _compare(self) -> Any:
        sides = {"version_id": self.chosen.id, "with_id": self.against}
        found = await self._read(compare_versions, workflow_id=self._address_id(), **sides)
        self.comparison = comparison_item(found, now=get_wiring().ports.clock.now())
        return post("preview", on_canvas(found))

    @rx.event
    async def back(self):
        """From the comparison to the list."""
        self.chosen = VersionItem("", "", "", "", "")
        self.versions = await self._page(None)
        return post("preview", {})

    @rx.event
    def ask_name(self, version_id: str):
        """Ask for the name of a version; "" stops asking."""
        self.naming, self.problem = str(version_id)[:40], ""

    @rx.event
    async def name(self, given: dict[str, Any]):
        """Keep a name and a note."""
        texts = {"name": str(given.get("name", "")), "note": str(given.get("note", ""))}
        try:
            row = await self._call(name_version, workflow_id=self._address_id(), version_id=self.naming, **texts)
        except Invalid as refused:
            self.problem = next(iter(refused.fields.values()), refused.message)
            return
        self.naming = ""
        if self.chosen.id:
            self.chosen = version_item(row, now=get_wiring().ports.clock.now())
        self.versions = await self._page(None)

    @rx.event
    async def restore(self, revision: int):
        """Make the draft what the chosen version was; the open editors follow, and it can be undone."""
        if not self.chosen.id or self.chosen.is_draft:
            return None
        asked = {"version_id": self.chosen.id, "base_revision": revision}
        try:
            result = await self._call(restore_version, workflow_id=self._address_id(), **asked)
        except AppError as refused:
            return rx.toast.error(refused.message)
        title = self.chosen.title
        self.chosen = VersionItem("", "", "", "", "")
        self.versions = await self._page(None)
        told = {key: value for key, value in asdict(result).items() if value is not None}
        return [
            post("restored", {"result": told, "title": title}),
            rx.toast.success(f"{title} is the draft again. Undo brings yours back."),
        ]
