"""State of the page that an invitation's link opens, for visitors and for the signed-in."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.home import shell_view
from app.services.members import accept_invitation, decline_invitation, get_invitation
from app.session import Bridge, start_afresh
from app.views.accounts import Me
from pages.settings.members_present import ROLE_HELP, ROLE_WORDS

NOBODY = Me()


class InviteState(Bridge, rx.State):
    """The offer, and who looks at it."""

    workspace: str = ""
    invited_by: str = ""
    role: str = ""
    role_help: str = ""
    email_hint: str = ""
    is_member: bool = False
    is_for_me: bool = True
    is_declined: bool = False
    me: Me = NOBODY
    query: str = ""
    problem: str = ""
    is_loading: bool = True
    _ticket: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the offer."""
        self._ticket = str(self.router.url.query_parameters.get("token", ""))
        self.problem, self.is_declined = "", False
        try:
            card = await self._read(get_invitation, token=self._ticket)
        except AppError as refused:
            self.problem, self.is_loading = refused.message, False
            return
        self.workspace, self.invited_by, self.email_hint = card.workspace, card.invited_by, card.email_hint
        self.role, self.role_help = ROLE_WORDS[card.role], ROLE_HELP[card.role]
        if card.opens_through:
            self.role_help += f" People sign in there through {card.opens_through}."
        self.is_member, self.is_for_me = card.is_member, card.is_for_me
        self.query = f"?next=/invite?token={self._ticket}"
        try:
            self.me = (await self._read(shell_view)).me
        except NotSignedIn:
            self.me = NOBODY
        self.is_loading = False

    @rx.event
    async def decline(self) -> None:
        """Turn it down: the invitation ends."""
        try:
            await self._call(decline_invitation, token=self._ticket)
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
            return
        self.is_declined = True

    @rx.event
    async def accept(self) -> Any:
        """Join, and go to the workspace or to its provider."""
        try:
            joined = await self._call(accept_invitation, token=self._ticket)
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
            return None
        return start_afresh(joined.door or "/")
