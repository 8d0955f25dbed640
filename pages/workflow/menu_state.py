"""State of the editor's menu: what can be done with the open workflow as a whole."""

from typing import Any

import reflex as rx

from app.services.blueprints import export_workflow
from app.services.workflows import delete_workflow, duplicate_workflow
from app.session import Bridge


class WorkflowMenuState(Bridge, rx.State):
    """Tests, export, copy, delete."""

    asks_delete: bool = False

    @rx.event
    async def export(self) -> Any:
        """Download the workflow with its agents as a YAML blueprint."""
        file = await self._read(export_workflow, workflow_id=self._address_id())
        words = [rx.toast.warning(f"Left out of the file, for it looks like a key: {place}") for place in file.removed]
        return [rx.download(data=file.text, filename=file.filename), *words]

    @rx.event
    async def duplicate(self) -> Any:
        """Copy the workflow and open the copy."""
        made = await self._call(duplicate_workflow, workflow_id=self._address_id())
        return [rx.redirect(f"/workflows/{made.id}"), rx.toast.success(f"This is the copy, “{made.name}”.")]

    @rx.event
    def open_tests(self) -> Any:
        """Go to the tests of the workflow."""
        return rx.redirect(f"/workflows/{self._address_id()}/tests")

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Ask before deleting, or stop asking."""
        self.asks_delete = is_open is True

    @rx.event
    async def delete(self) -> Any:
        """Put the workflow away; its runs stay readable."""
        self.asks_delete = False
        await self._call(delete_workflow, workflow_id=self._address_id())
        return [rx.redirect("/workflows"), rx.toast.success("The workflow was deleted.")]
