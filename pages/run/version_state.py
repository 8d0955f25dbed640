"""State of what leads from a run back to the workflow: bringing back the definition that ran."""

import reflex as rx

from app.core.errors import AppError, NotFound
from app.services.history import find_version, restore_version
from app.services.runs import get_run
from app.services.workflows import get_workflow
from app.session import Bridge
from pages.run.where import run_id_of

_NONE_KEPT = "No version is kept of what this run did. Its picture and its settings still show it."


class RunVersionState(Bridge, rx.State):
    """Nothing is remembered; the address says which run."""

    @rx.event
    async def bring_back(self):
        """Make the draft what this run ran, and show it; the draft of now stays in the history."""
        try:
            detail = await self._read(get_run, run_id=run_id_of(self.router.url.path))
            workflow_id = detail.row.workflow_id
            version = await self._read(find_version, workflow_id=workflow_id, revision=detail.revision)
            present = await self._read(get_workflow, workflow_id=workflow_id)
            if version.is_current:
                return [rx.redirect(f"/workflows/{workflow_id}"), rx.toast.info("The workflow is still what this run ran.")]
            await self._call(restore_version, workflow_id=workflow_id, version_id=version.id, base_revision=present.revision)
        except NotFound:
            return rx.toast.error(_NONE_KEPT)
        except AppError as refused:
            return rx.toast.error(refused.message)
        said = "The workflow is what this run ran. What it was before stands in its history."
        return [rx.redirect(f"/workflows/{workflow_id}"), rx.toast.success(said)]
