"""What the sign-in and sign-up pages need to know before somebody is signed in."""

from typing import Any

import reflex as rx

from app.core.destinations import safe_destination
from app.core.errors import NotSignedIn
from app.services.accounts import has_demo_account
from app.services.home import shell_view
from app.services.members import InvitationOver, get_invitation
from app.session import Bridge
from app.wiring import get_wiring
from pages.outbox.parts import letters_stay_here
from pages.sign_in.failures import told


class DoorState(Bridge, rx.State):
    """Whether the demo account may be offered, and where the person wanted to go."""

    has_demo: bool = False
    query: str = ""
    was_reset: bool = False
    is_sent: bool = False
    has_outbox: bool = False
    has_market: bool = False
    invited_by: str = ""
    invited_to: str = ""
    invited_as: str = ""
    failure: str = ""
    providers: list[dict[str, str]] = []

    @rx.event
    async def load(self) -> Any:
        """Send on who is signed in already."""
        wanted = safe_destination(self.router.url.query_parameters.get("next", ""))
        self.query = "" if wanted == "/" else f"?next={wanted}"
        self.failure = told(self.router.url.query_parameters.get("failed", ""))
        self.providers = [{"label": card.label, "action": f"/api/v1/auth/external/{card.key}"} for card in get_wiring().identities.cards()]
        self.has_outbox, self.has_market = letters_stay_here(), get_wiring().settings.has_public_market
        self.was_reset = self.router.url.query_parameters.get("reset") == "1"
        self.is_sent = self.router.url.query_parameters.get("sent") == "1"
        self.has_demo = await self._read(has_demo_account)
        await self._read_invitation(wanted)
        try:
            await self._read(shell_view)
        except NotSignedIn:
            return None
        return rx.redirect(wanted)

    async def _read_invitation(self, wanted: str) -> None:
        """Who comes through an invitation's link is told of it here, too."""
        self.invited_by = self.invited_to = self.invited_as = ""
        path, _, token = wanted.partition("?token=")
        if path != "/invite":
            return
        try:
            card = await self._read(get_invitation, token=token)
        except InvitationOver:
            return
        self.invited_by, self.invited_to, self.invited_as = card.invited_by, card.workspace, card.email_hint
