"""State of the end of one's account: what goes with it, and what stands in the way. The form posts to the API: it holds a password."""

import reflex as rx

from app.services.accounts import get_account
from app.services.closing import get_account_deletion
from app.session import Bridge
from app.views.closing import AccountDeletion


class AccountDeletionState(Bridge, rx.State):
    """What the danger zone of the profile shows; nothing to the demo account, and to who came in through a workspace's provider."""

    shown: AccountDeletion = AccountDeletion()
    deletes: str = ""
    leaves: str = ""
    is_open: bool = False

    @rx.event
    async def load(self) -> None:
        """Whether the account can be deleted from here."""
        self.is_open = False
        await self._fetch()

    @rx.event
    async def ask(self) -> None:
        """Open the question, with what is so now."""
        await self._fetch()
        self.is_open = bool(self.shown.email)

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.is_open = False

    async def _fetch(self) -> None:
        account = await self._read(get_account)
        is_mine = not account.managed_by and not account.is_demo
        self.shown = await self._read(get_account_deletion) if is_mine else AccountDeletion()
        self.deletes, self.leaves = quoted(self.shown.deletes), quoted(self.shown.leaves)


def quoted(names: tuple[str, ...]) -> str:
    """Names in a sentence."""
    return ", ".join(f"“{name}”" for name in names)
