"""State of the editor page: opens the workflow, saves batches of edits, and tells what others changed."""

from dataclasses import asdict
from typing import Any, cast

import reflex as rx

from app.core.errors import AppError, NotFound, NotSignedIn
from app.services.workflows import apply_operations, changes_since, get_rights, get_workflow
from app.session import Bridge, SessionState
from app.views.workflows import EditResult
from components.canvas.messages import post
from engine.json import JsonObject
from pages.elsewhere import told

NOTHING = {"can_edit": False, "can_run": False}
_BATCH = ("workflow_id", "base_revision", "client_key", "operations")


class EditorState(Bridge, rx.State):
    """The graph itself lives in the browser; here is only what a page must know of it."""

    title: str = "Workflow"
    problem: str = ""
    triggers_href: str = "/triggers"

    @rx.event
    async def load(self) -> Any:
        """Open the workflow the address names."""
        self.problem = ""
        try:
            detail = await self._read(get_workflow, workflow_id=self._address_id())
        except NotSignedIn:
            return None
        except AppError as refused:
            self.title, self.problem = "Workflow", told(refused)
            return None
        self.title, self.triggers_href = detail.name, f"/triggers?workflow={detail.id}"
        person = (await self.get_state(SessionState)).me.email
        return post("open", {"detail": {**asdict(detail), "person": person}})

    @rx.event
    async def save(self, batch: dict[str, Any]) -> Any:
        """Merge one batch of edits; the answer names the batch, for it may be asked for again."""
        sent = _object(batch)
        key = sent.get("client_key")
        try:
            result = await self._call(apply_operations, **{name: sent.get(name) for name in _BATCH})
        except AppError as refused:
            answer = {"client_key": key, "code": refused.error_code, "message": refused.message, "fields": refused.fields}
            return post("refused", answer)
        self.title = _renamed(sent["operations"]) or self.title
        return post("saved", {"client_key": key, **_told(result)})

    @rx.event
    async def pull(self, asked: dict[str, Any]) -> Any:
        """What others saved since the editor's revision, and what this person may do, where that is not what the editor shows."""
        sent = _object(asked)
        tab, workflow_id = str(sent.get("tab", ""))[:40], sent.get("workflow_id")
        shown = {name: bool(sent.get(name)) for name in ("can_edit", "can_run")}
        try:
            rights = asdict(await self._read(get_rights, workflow_id=workflow_id))
        except NotFound:
            return None if sent.get("is_gone") is True else post("rights", {**NOTHING, "is_gone": True})
        result = await self._read(changes_since, workflow_id=workflow_id, revision=sent.get("revision"), tab=tab)
        told = [post("rights", rights)] if rights != shown or sent.get("is_gone") is True else []
        return [*told, post("heard", _told(result))] if result.operations else told

    @rx.event
    def apply_from_inspector(self, operations: list[dict[str, Any]]) -> Any:
        """Hand edits made in the inspector to the canvas, which shows, remembers and saves them."""
        return post("edit", {"operations": operations})


def _object(payload: object) -> JsonObject:
    """What a browser sent, if it is an object at all."""
    return cast(JsonObject, payload) if isinstance(payload, dict) else {}


def _renamed(operations: list[JsonObject]) -> str:
    """What saved edits call the workflow from now on; "" where they say nothing of it."""
    names = [str(one.get("value", "")) for one in operations if one.get("op") == "set_meta" and one.get("field") == "name"]
    return names[-1].strip() if names else ""


def _told(result: EditResult) -> JsonObject:
    told = asdict(result)
    if result.findings is None:
        del told["findings"]
    return told
