"""State of the outbox, which exists in development without a mail server only."""

from dataclasses import dataclass

import reflex as rx

from app.core.errors import AppError
from app.services.mail import list_outbox
from app.session import Bridge
from app.views.words import ago
from app.wiring import get_wiring


@dataclass(frozen=True, slots=True)
class LetterItem:
    """A letter; `link` is the first address in it."""

    id: str = ""
    receiver: str = ""
    subject: str = ""
    text: str = ""
    when: str = ""
    link: str = ""


class OutboxState(Bridge, rx.State):
    """The newest letters."""

    letters: list[LetterItem] = []
    problem: str = ""
    is_loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Read them."""
        self.problem = ""
        now = get_wiring().ports.clock.now()
        try:
            found = await self._read(list_outbox, address=self.router.session.client_ip)
            self.letters = [LetterItem(one.id, one.to, one.subject, one.text, ago(one.at, now=now), _link(one.text)) for one in found]
        except AppError as refused:
            self.letters, self.problem = [], refused.message
        self.is_loading = False


def _link(text: str) -> str:
    """The path of the first address of this installation."""
    address = next((word for word in text.split() if word.startswith(get_wiring().ports.public_url + "/")), "")
    return address.removeprefix(get_wiring().ports.public_url)
