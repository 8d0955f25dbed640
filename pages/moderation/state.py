"""State of moderation: the list of cases, and one case with the decision on it."""

from datetime import UTC, datetime
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import approve_case, get_case, list_cases, refuse_case, take_listing_down
from app.views.market import CaseDetail
from components import ui
from components.canvas.messages import post
from engine.spec.workflow import MAX_NODES
from pages.loading import Loading
from pages.moderation.inside_present import MOST_STEPS, ChangeItem, InsideItem, change_item, inside_item
from pages.moderation.present import CaseItem, CasePaper, case_item, case_paper
from pages.moderation.reviews_state import ReportedState
from pages.offer.present import SampleItem, sample_items

LIST = "/marketplace/moderation"
MOST_OF_ID = 63


class ModerationState(Loading, rx.State):
    """What waits, or what was decided."""

    rows: list[CaseItem] = []
    tab: str = "waiting"

    @rx.event
    async def load(self) -> None:
        """Read the list."""
        now, rows = datetime.now(UTC), []
        with self._loading():
            rows = [case_item(row, now=now) for row in await self._read(list_cases, state=self.tab)]
        self.rows = rows

    @rx.event
    async def choose_tab(self, tab: str) -> Any:
        """Waiting, decided, or the reported reviews, which have a state of their own."""
        self.tab = tab if tab in ("decided", "reviews") else "waiting"
        if self.tab == "reviews":
            return ReportedState.load
        await self.load()  # type: ignore[operator]
        return None


class CaseState(Loading, rx.State):
    """One case."""

    case: CaseItem = CaseItem()
    paper: CasePaper = CasePaper()
    samples: list[SampleItem] = []
    inside: InsideItem = InsideItem()
    change: ChangeItem = ChangeItem()
    chosen: str = ""
    reason: str = ""
    errors: dict[str, str] = {}
    is_refusing: bool = False

    @rx.event
    async def load(self) -> Any:
        """Read the case and draw its workflow."""
        self.is_loading, self.is_refusing, self.reason, self.errors = True, False, "", {}
        self.case, self.inside, self.change, self.chosen = CaseItem(), InsideItem(), ChangeItem(), ""
        yield  # the case shown before is gone before its buttons could decide about this one
        drawn = None
        with self._loading():
            drawn = self._show(await self._read(get_case, case_id=self._address_id()))
        yield drawn

    def _show(self, detail: CaseDetail) -> Any:
        self.case, self.paper = case_item(detail.row, now=datetime.now(UTC)), case_paper(detail)
        self.samples = sample_items(detail.samples)
        self.inside, self.change = inside_item(detail.inside), change_item(detail.change)
        shown = {"revision": 1, "can_edit": False, "can_run": False, "findings": [], "id": detail.row.id, "name": detail.row.name}
        return post("open", {"detail": {**shown, "definition": detail.workflow}})

    @rx.event
    async def show_all(self) -> None:
        """List all steps of large workflows."""
        detail: CaseDetail = await self._read(get_case, case_id=self._address_id())
        self.inside = inside_item(detail.inside, most=MAX_NODES)

    @rx.event
    async def choose_on_canvas(self, chosen: dict[str, Any]) -> Any:
        """Open the entry of the step that was clicked."""
        node = str(chosen.get("id", ""))[:MOST_OF_ID]
        if node and self._is_cut(node):
            await self.show_all()  # type: ignore[operator]
        self.chosen = node if any(step.key == node for step in self._main_steps()) else ""
        return ui.bring_into_sight(f"#part-{self.chosen}") if self.chosen else None

    def _main_steps(self) -> Any:
        return self.inside.workflows[0].steps if self.inside.workflows else ()

    def _is_cut(self, node: str) -> bool:
        return len(self._main_steps()) == MOST_STEPS and all(step.key != node for step in self._main_steps())

    @rx.event
    async def approve(self) -> Any:
        """Let it onto the shelf."""
        name = await self._call(approve_case, case_id=self._address_id())
        return [rx.toast.success(f"{name} is on the shelf."), rx.redirect(LIST)]

    @rx.event
    def set_refusing(self, is_open: bool) -> None:
        """Open or close the question for the reason."""
        self.is_refusing, self.errors = is_open is True, {}

    @rx.event
    def set_reason(self, text: str) -> None:
        """Typing the reason."""
        self.reason = str(text)[:1100]

    @rx.event
    async def refuse(self) -> Any:
        """Keep it off the shelf, or take down what is on it; its seller reads the reason."""
        try:
            if self.case.state == "waiting":
                name = await self._call(refuse_case, case_id=self._address_id(), reason=self.reason)
            else:
                name = await self._call(take_listing_down, slug=self.case.slug, reason=self.reason)
        except AppError as refused:
            self.errors = refused.fields
            return rx.toast.error(refused.message)
        self.is_refusing = False
        return [rx.toast.success(f"{name}: its seller reads your reason."), rx.redirect(LIST)]
