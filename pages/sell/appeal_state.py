"""State of an appeal: the seller's one answer to a refusal or a takedown."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import appeal_case
from app.session import Bridge
from pages.sell.state import SellState


class AppealState(Bridge, rx.State):
    """Which listing is asked about, and what its seller says."""

    slug: str = ""
    name: str = ""
    text: str = ""
    errors: dict[str, str] = {}

    @rx.event
    def ask(self, slug: str, name: str) -> None:
        """Open the form."""
        self.slug, self.name, self.text, self.errors = str(slug)[:80], str(name)[:120], "", {}

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        if is_open is not True:
            self.slug = ""

    @rx.event
    def set_text(self, text: str) -> None:
        """Typing."""
        self.text = str(text)[:2200]

    @rx.event
    async def send(self) -> Any:
        """Send it; the case waits once more."""
        try:
            await self._call(appeal_case, slug=self.slug, text=self.text)
        except AppError as refused:
            self.errors = refused.fields
            return rx.toast.error(refused.message)
        self.slug = ""
        return [rx.toast.success("Sent. Somebody will look at it again."), SellState.load]
