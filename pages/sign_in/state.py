"""What the sign-in and sign-up pages need to know before somebody is signed in."""

from typing import Any

import reflex as rx

from app.core.destinations import safe_destination
from app.core.errors import NotSignedIn
from app.services.accounts import has_demo_account
from app.services.home import shell_view
from app.session import Bridge


class DoorState(Bridge, rx.State):
    """Whether the demo account may be offered, and where the person wanted to go."""

    has_demo: bool = False
    query: str = ""
    was_reset: bool = False

    @rx.event
    async def load(self) -> Any:
        """Send on who is signed in already."""
        wanted = safe_destination(self.router.url.query_parameters.get("next", ""))
        self.query = "" if wanted == "/" else f"?next={wanted}"
        self.was_reset = self.router.url.query_parameters.get("reset") == "1"
        self.has_demo = await self._read(has_demo_account)
        try:
            await self._read(shell_view)
        except NotSignedIn:
            return None
        return rx.redirect(wanted)
