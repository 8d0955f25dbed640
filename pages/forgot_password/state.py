"""What the pages of forgotten passwords and of codes read from their own address."""

import reflex as rx

from app.core.destinations import safe_destination
from app.session import Bridge
from pages.outbox.parts import letters_stay_here


class LinkState(Bridge, rx.State):
    """The ticket of a letter, whether a letter was asked for, and where to go on."""

    token: str = ""
    is_sent: bool = False
    query: str = ""
    has_outbox: bool = False

    @rx.event
    def load(self) -> None:
        """Read the address."""
        asked = self.router.url.query_parameters
        wanted = safe_destination(asked.get("next", ""))
        self.has_outbox = letters_stay_here()
        self.token = str(asked.get("token", ""))[:400]
        self.is_sent, self.query = asked.get("sent") == "1", "" if wanted == "/" else f"?next={wanted}"
