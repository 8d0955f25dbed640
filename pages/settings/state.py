"""State of the settings page: the workspace's name, a new workspace, and where the person is signed in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.accounts import list_sessions, revoke_other_sessions, revoke_session
from app.services.home import shell_view
from app.services.workspaces import create_workspace, rename_workspace
from app.session import Bridge, SessionState, start_afresh
from app.views.accounts import SessionCard
from app.views.words import ago


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as one line of the list."""

    id: str = ""
    device: str = ""
    note: str = ""
    is_current: bool = False


def present(card: SessionCard, *, now: datetime) -> SessionLine:
    """Put address and last use into words."""
    used = "in use now" if card.is_current else f"last used {ago(card.last_seen, now=now)}"
    return SessionLine(card.id, card.device, " · ".join(part for part in (card.address, used) if part), card.is_current)


class SettingsState(Bridge, rx.State):
    """What the page shows and edits."""

    name: str = ""
    fresh_name: str = ""
    is_fixed: bool = True  # the name, for everybody but the owner
    errors: dict[str, str] = {}
    sessions: list[SessionLine] = []
    is_loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Read workspace and sessions."""
        view = await self._read(shell_view)
        self.name, self.is_fixed = view.workspace.name, view.workspace.role != "owner"
        self.errors, self.fresh_name = {}, ""
        await self._read_sessions()
        self.is_loading = False

    async def _read_sessions(self) -> None:
        now = datetime.now(UTC)
        self.sessions = [present(card, now=now) for card in await self._read(list_sessions)]

    @rx.event
    def set_name(self, name: str) -> None:
        """Typing in the name of this workspace."""
        self.name = str(name)

    @rx.event
    def set_fresh_name(self, name: str) -> None:
        """Typing in the name of a new workspace."""
        self.fresh_name = str(name)

    @rx.event
    async def rename(self) -> Any:
        """Rename this workspace."""
        self.errors = {}
        try:
            await self._call(rename_workspace, name=self.name)
        except Invalid as refused:
            self.errors = {"name": refused.fields.get("name", refused.message)}
            return None
        return [SessionState.guard, rx.toast.success("Workspace renamed.")]

    @rx.event
    async def create(self) -> Any:
        """Create a workspace and go there."""
        self.errors = {}
        try:
            await self._call(create_workspace, name=self.fresh_name)
        except Invalid as refused:
            self.errors = {"fresh_name": refused.fields.get("name", refused.message)}
            return None
        return start_afresh()

    @rx.event
    async def end_session(self, session_id: str) -> Any:
        """Sign one browser out."""
        await self._call(revoke_session, session_id=session_id)
        await self._read_sessions()
        return rx.toast.success("That browser is signed out.")

    @rx.event
    async def end_others(self) -> Any:
        """Sign every other browser out."""
        count = await self._call(revoke_other_sessions)
        await self._read_sessions()
        return rx.toast.success(f"Signed out {count} other browser{'' if count == 1 else 's'}.")
