"""State of the workspace's own settings: its name, and a new workspace."""

from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.home import shell_view
from app.services.workspaces import create_workspace, rename_workspace
from app.session import SessionState, start_afresh
from pages.loading import Loading


class WorkspaceState(Loading, rx.State):
    """What the page shows and edits."""

    name: str = ""
    fresh_name: str = ""
    is_fixed: bool = True  # the name, for everybody but the owner
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """Read the workspace."""
        self.errors, self.fresh_name = {}, ""
        with self._loading():
            view = await self._read(shell_view)
            self.name, self.is_fixed = view.workspace.name, view.workspace.role != "owner"

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
