"""State of the profile: the person's own name."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.accounts import get_account, rename_myself, send_verification
from app.services.home import shell_view
from app.session import SessionState
from pages.loading import Loading
from pages.outbox.parts import letters_stay_here
from pages.settings.parts import why_closed


class ProfileState(Loading, rx.State):
    """What the page shows and edits."""

    name: str = ""
    errors: dict[str, str] = {}
    needs_proof: bool = False
    has_outbox: bool = False
    closed: str = ""  # why nothing can be changed here

    @rx.event
    async def load(self) -> None:
        """Read who is signed in."""
        with self._loading():
            self.name, self.errors = (await self._read(shell_view)).me.name, {}
            account = await self._read(get_account)
            self.closed = why_closed(account) if account.managed_by else ""
            self.has_outbox = letters_stay_here()
            self.needs_proof = not account.is_verified and not account.is_demo and account.sends_mail

    @rx.event
    async def prove_address(self) -> Any:
        """Send the letter again."""
        await self._call(send_verification)
        where = "The letter stands in the outbox." if letters_stay_here() else "A letter is on its way."
        return rx.toast.success(f"{where} Open its link to confirm your address.")

    @rx.event
    def set_name(self, name: str) -> None:
        """Typing."""
        self.name = str(name)

    @rx.event
    async def save(self) -> Any:
        """Keep the name."""
        self.errors = {}
        try:
            await self._call(rename_myself, name=self.name)
        except Invalid as refused:
            self.errors = refused.fields
            return None
        return [SessionState.guard, rx.toast.success("Your name is saved.")]
