"""What the states of appeals have in common: what is asked about, what its author says, and sending that once."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.session import Bridge

LONGEST = 2_200


class Appealing(Bridge, mixin=True):
    """The question behind `components.appeal`. The state that mixes it in sends the text in `_send`."""

    asked: str = ""  # what the appeal is about: a listing's address, a review's id
    name: str = ""
    text: str = ""
    errors: dict[str, str] = {}

    async def _send(self) -> Any:
        """Send it; returns what shows how it stands then."""
        raise NotImplementedError

    @rx.event
    def ask(self, asked: str, name: str) -> None:
        """Open the question."""
        self.asked, self.name, self.text, self.errors = str(asked)[:80], str(name)[:120], "", {}

    @rx.event
    def set_open(self, is_open: bool) -> None:
        """Close it."""
        if is_open is not True:
            self.asked = ""

    @rx.event
    def set_text(self, text: str) -> None:
        """Typing."""
        self.text = str(text)[:LONGEST]

    @rx.event
    async def send(self) -> Any:
        """Send it; the operators look once more."""
        try:
            shown = await self._send()
        except AppError as refused:
            self.errors = refused.fields
            return None if refused.fields else rx.toast.error(refused.message)
        self.asked = ""
        return [rx.toast.success("Sent. Somebody will look at it again."), shown]
