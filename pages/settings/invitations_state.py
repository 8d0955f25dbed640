"""State of invitations: the list, and the dialog that makes new ones; the members page opens it, too."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.members import (
    invite_by_email,
    invite_by_link,
    list_invitations,
    list_members,
    resend_invitation,
    revoke_invitation,
)
from app.wiring import get_wiring
from pages.listing import Listing
from pages.settings.members_present import ROLE_HELP, ROLE_WORDS, InvitationItem, invitation_item


class InvitationsState(Listing, rx.State):
    """The list and the dialog."""

    rows: list[InvitationItem] = []
    shows_all: bool = False
    is_inviting: bool = False
    way: str = "email"
    emails: str = ""
    role: str = "member"
    roles: list[dict[str, str]] = []
    errors: dict[str, str] = {}
    made_url: str = ""

    @rx.event
    async def load(self) -> None:
        """Show what is open."""
        self.search, self.made_url, self.is_inviting, self.shows_all = "", "", False, False
        await self._first()

    async def _fetch(self) -> None:
        rows = await self._read(list_invitations, search=self.search, only_open=not self.shows_all)
        now = get_wiring().ports.clock.now()
        self.rows = [invitation_item(row, now=now) for row in rows]

    @rx.event
    async def show_all(self, shows_all: bool) -> None:
        """Also those that are over."""
        self.shows_all = shows_all is True
        await self._fetch()

    @rx.event
    async def begin(self) -> None:
        """Open the dialog."""
        mine = next(row for row in (await self._read(list_members)).rows if row.is_me)
        self.roles = [{"value": role, "label": f"{ROLE_WORDS[role]}: {ROLE_HELP[role]}"} for role in mine.roles]
        has_mail = get_wiring().ports.mailer.kind != "none"
        self.way, self.emails, self.role, self.errors = "email" if has_mail else "link", "", "member", {}
        self.made_url, self.is_inviting = "", True

    @rx.event
    def set_inviting(self, is_open: bool) -> None:
        """Open or close the dialog."""
        self.is_inviting = is_open is True

    @rx.event
    def choose_way(self, way: str) -> None:
        """By e-mail or by link."""
        self.way = "link" if way == "link" else "email"

    @rx.event
    def choose_role(self, role: str) -> None:
        """The offered role."""
        self.role = str(role)

    @rx.event
    def set_emails(self, emails: str) -> None:
        """Typing addresses."""
        self.emails = str(emails)

    @rx.event
    async def invite(self, _form: dict[str, Any]) -> Any:
        """Send letters, or show a link this once."""
        self.errors = {}
        try:
            if self.way == "link":
                self.made_url = (await self._call(invite_by_link, role=self.role)).url
                told = "The link is ready."
            else:
                count = len(await self._call(invite_by_email, emails=self.emails, role=self.role))
                told = f"{count} invitation{'' if count == 1 else 's'} on the way."
        except Invalid as refused:
            self.errors = refused.fields
            return None
        self.is_inviting = False
        await self._fetch()
        return rx.toast.success(told)

    @rx.event
    def forget_link(self, is_open: bool) -> None:
        """Close the dialog with the link; it is not kept."""
        if is_open is not True:
            self.made_url = ""

    @rx.event
    async def withdraw(self, invitation_id: str) -> Any:
        """End one."""
        await self._call(revoke_invitation, invitation_id=invitation_id)
        await self._fetch()
        return rx.toast.success("The invitation is withdrawn.")

    @rx.event
    async def resend(self, invitation_id: str) -> Any:
        """Send one again."""
        row = await self._call(resend_invitation, invitation_id=invitation_id)
        await self._fetch()
        return rx.toast.success(f"A new letter is on its way to {row.email}.")
