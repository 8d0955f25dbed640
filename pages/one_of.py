"""What the states of pages about one thing have in common: which one the address names, its tabs, and questions before a deed."""

from typing import ClassVar

import reflex as rx

from pages.loading import Loading


class OneOf(Loading, mixin=True):
    """The thing that the last part of the address names. The state that mixes it in says which tabs and questions there are."""

    TABS: ClassVar[tuple[tuple[str, str], ...]] = ()
    QUESTIONS: ClassVar[tuple[str, ...]] = ()

    tab: str = ""
    asked: str = ""

    @rx.event
    def choose_tab(self, tab: str) -> None:
        """Show another part."""
        known = dict(self.TABS)
        self.tab = tab if tab in known else next(iter(known))

    @rx.event
    def ask(self, question: str) -> None:
        """Ask before something that others feel."""
        self.asked = question if question in self.QUESTIONS else ""

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.asked = ""
