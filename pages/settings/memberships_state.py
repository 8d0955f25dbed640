"""State of the list of one's own workspaces: leaving any of them, also one that is closed to this session."""

from dataclasses import replace
from typing import Any

import reflex as rx

from app.services.home import shell_view
from app.services.members import leave_workspace
from app.session import Bridge, SessionState, start_afresh
from app.views.accounts import WorkspaceCard
from pages.settings.members_present import ROLE_WORDS

NONE = WorkspaceCard()


class MembershipsState(Bridge, rx.State):
    """The person's workspaces, and the one whose leaving is asked about."""

    spaces: list[WorkspaceCard] = []
    pending: WorkspaceCard = NONE

    @rx.event
    async def load(self) -> None:
        """Read them."""
        self.pending = NONE
        await self._fetch()

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

    async def _fetch(self) -> None:
        spaces = (await self._read(shell_view)).workspaces
        self.spaces = [replace(space, role=ROLE_WORDS.get(space.role, space.role)) for space in spaces]
