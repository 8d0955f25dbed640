"""State of the workflow editor: the draft on the canvas, its saving and its findings."""

import uuid
from typing import Any

import reflex as rx

from app.services.workflows import apply_operations, get_workflow
from app.session import Bridge


class EditorState(Bridge, rx.State):
    """The draft."""

    @rx.event
    async def apply_from_inspector(self, operations: list[dict[str, Any]]):
        """Save what the inspector changed, on top of the newest revision."""
        workflow_id = self.router.url.path.rstrip("/").rsplit("/", 1)[-1]
        detail = await self._read(get_workflow, workflow_id=workflow_id)
        key = f"inspector:{uuid.uuid4().hex}"
        await self._call(apply_operations, workflow_id=workflow_id, base_revision=detail.revision, client_key=key, operations=operations)
