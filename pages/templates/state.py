"""State of the template gallery; the home page shows its first row."""

from typing import Any

import reflex as rx

from app.services.templates import create_from_template, list_templates
from app.services.workflows import create_workflow
from app.views.blueprints import ImportReport, TemplateCard
from pages.loading import Loading

BLANK = "blank"
_BLANK_WORDS = "blank workflow empty canvas new"


class TemplatesState(Loading, rx.State):
    """The cards, what is searched, and which one is being opened."""

    cards: list[TemplateCard] = []
    search: str = ""
    opening: str = ""

    @rx.event
    async def load(self) -> None:
        """Read every template; there are few enough to search in memory."""
        self.opening = ""
        self.search = self.router.url.query_parameters.get("search", "")[:200]
        with self._loading():
            self.cards = list(await self._read(list_templates))

    @rx.event
    def set_search(self, words: str) -> None:
        """Typing in the search box."""
        self.search = str(words)[:200]

    @rx.var
    def found(self) -> list[TemplateCard]:
        """The cards whose name, summary or category holds every word."""
        return [card for card in self.cards if _fits(self.search, _text(card))]

    @rx.var
    def has_blank(self) -> bool:
        """Whether the blank workflow is among what is found."""
        return _fits(self.search, _BLANK_WORDS)

    @rx.event
    def use_first(self, form: dict[str, Any]) -> Any:
        """Enter in the search box: open what stands first."""
        self.search = str(form.get("words", ""))[:200]
        if not self.search.strip() or self.opening:
            return None
        if self.has_blank:
            return TemplatesState.start_blank
        return TemplatesState.use(self.found[0].key) if self.found else None

    @rx.event
    async def use(self, key: str) -> Any:
        """Create a workflow from a template and open it."""
        self.opening = str(key)
        yield
        try:
            made: ImportReport = await self._call(create_from_template, key=key)
        finally:
            self.opening = ""
        yield [*map(rx.toast.info, made.notes), rx.redirect(f"/workflows/{made.workflows[0].id}")]

    @rx.event
    async def start_blank(self) -> Any:
        """Create an empty workflow and open it."""
        self.opening = BLANK
        yield
        try:
            made = await self._call(create_workflow, name="Untitled workflow")
        finally:
            self.opening = ""
        yield rx.redirect(f"/workflows/{made.id}")


def _fits(search: str, text: str) -> bool:
    return all(word in text for word in search.casefold().split())


def _text(card: TemplateCard) -> str:
    return " ".join((card.name, card.summary, card.category, *card.agents, *card.features)).casefold()
