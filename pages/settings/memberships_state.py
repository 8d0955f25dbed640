"""State of the list of one's own workspaces: leaving any of them, also one that is closed to this session."""

from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from app.services.accounts import get_account
from app.services.closing import list_deleted_workspaces, restore_workspace
from app.services.home import shell_view
from app.services.members import leave_workspace
from app.session import SessionState, start_afresh
from app.views import words
from app.views.accounts import WorkspaceCard
from app.views.closing import DeletedWorkspace
from pages.loading import Loading
from pages.settings.account_deletion_state import AccountDeletionState
from pages.settings.members_present import ROLE_WORDS

NONE = WorkspaceCard()


@dataclass(frozen=True, slots=True)
class DeletedItem:
    """A deleted workspace as one line."""

    id: str = ""
    name: str = ""
    initials: str = ""
    note: str = ""
    can_restore: bool = False


class MembershipsState(Loading, rx.State):
    """The person's workspaces, and the one whose leaving is asked about."""

    spaces: list[WorkspaceCard] = []
    pending: WorkspaceCard = NONE
    deleted: list[DeletedItem] = []

    @rx.event
    async def load(self) -> Any:
        """Read them, then what the end of the account would mean for them."""
        self.pending = NONE
        with self._loading():
            await self._fetch()
        return AccountDeletionState.load

    @rx.event
    def ask(self, workspace_id: str) -> None:
        """Open the question."""
        self.pending = next((space for space in self.spaces if space.id == workspace_id), NONE)

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.pending = NONE

    @rx.event
    async def leave(self) -> Any:
        """Leave it; leaving the current one leads to another."""
        left, self.pending = self.pending, NONE
        if not left.id:
            return None
        await self._call(leave_workspace, workspace_id=left.id)
        if left.is_current:
            return start_afresh()
        await self._fetch()
        return [SessionState.guard, rx.toast.success(f"You have left “{left.name}”.")]

    @rx.event
    async def restore(self, workspace_id: str) -> Any:
        """Bring a deleted one back and go there."""
        await self._call(restore_workspace, workspace_id=workspace_id)
        return start_afresh()

    async def _fetch(self) -> None:
        spaces = (await self._read(shell_view)).workspaces
        self.spaces = [replace(space, role=ROLE_WORDS.get(space.role, space.role)) for space in spaces]
        is_inside = bool((await self._read(get_account)).managed_by)  # sees the workspace of that provider alone
        gone = () if is_inside else await self._read(list_deleted_workspaces)
        self.deleted = [DeletedItem(row.id, row.name, row.initials, deleted_note(row), row.can_restore) for row in gone]


def deleted_note(row: DeletedWorkspace) -> str:
    """Who deleted it, and until when it is there."""
    by = f" by {row.deleted_by}" if row.deleted_by else ""
    until = words.long_day(row.purge_at)
    who = "" if row.can_restore else " An owner can restore it."
    return f"Deleted{by}. It is destroyed on {until}.{who}"
