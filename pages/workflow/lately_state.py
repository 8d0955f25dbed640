"""State of the quiet line below the canvas: this person's last run of the workflow, and a run that somebody else has going."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.runs import get_run_row, list_runs
from app.session import Bridge
from app.wiring import get_wiring
from pages.loading import looking_again
from pages.run.where import workflow_id_of
from pages.runs.present import ACTIVE, RunItem, run_item
from pages.workflow.run_state import EditorRunState, show_started

_NO_RUN = RunItem("", "", "", "", "", "", "", "", "", "", "", "")


class LatelyState(Bridge, rx.State):
    """Runs that are offered, not shown: nobody's work on the canvas is covered by one that they did not ask for."""

    last: RunItem = _NO_RUN
    other: RunItem = _NO_RUN
    _closed: list[str] = []

    @rx.event
    async def load(self) -> None:
        """Offer this person's last run of the workflow, where it is over; one that is going is shown anyway."""
        self.reset()
        with looking_again():
            self.last = await self._newest(by="me")
        await self._look()

    @rx.event
    async def look(self) -> None:
        """Whether somebody else's run is going; asked every few seconds."""
        await self._look()

    async def _look(self) -> None:
        with looking_again():
            found = await self._newest(by="others", statuses=ACTIVE)
            shown = found if found.id not in self._closed else _NO_RUN
            if shown.id != self.other.id:
                self.other = shown

    async def _newest(self, **wanted: Any) -> RunItem:
        workflow_id = workflow_id_of(self.router.url.path)
        page = await self._read(list_runs, workflow_id=workflow_id, limit=1, **wanted)
        return run_item(page.rows[0], now=get_wiring().ports.clock.now()) if page.rows else _NO_RUN

    @rx.event
    async def show(self, run_id: str):
        """Draw the run on the canvas; the service says whether this person may see it."""
        try:
            row = await self._read(get_run_row, run_id=run_id)
        except AppError as refused:
            self.last = self.other = _NO_RUN
            return rx.toast.error(refused.message)
        show_started(await self.get_state(EditorRunState), row)
        return EditorRunState.follow

    @rx.event
    def close(self):
        """Offer neither again on this page; a later run of somebody else is told anew."""
        self._closed = [*self._closed, self.other.id][-50:]
        self.last = self.other = _NO_RUN
