"""Turns a caught request into questions of the workflow's start step, so that its fields arrive as typed inputs."""

import re
import uuid

from app.core.errors import Conflict
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.webhooks.rows import load_webhook
from app.services.workflows.edits import apply_own
from app.services.workflows.operations import SetConfig
from app.services.workflows.rows import load_workflow
from engine.errors import SpecError
from engine.json import JsonObject, JsonValue, as_object
from engine.spec.upgrade import load_workflow as load_spec

MOST_FIELDS = 60
EXAMPLE_CHARACTERS = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def adopt_sample_fields(uow: UnitOfWork, *, webhook_id: object) -> tuple[str, ...]:
    """Add a field to the start step for every name of the sample's body (or query) it does not ask for yet; returns their names."""
    require(uow, Permission.EDIT)
    webhook = load_webhook(uow, webhook_id)
    if not webhook.sample:
        raise Conflict("There is no sample yet. Listen for a request first, or choose one in the log.")
    workflow = load_workflow(uow, webhook.workflow_id, for_update=True)
    try:
        spec = load_spec(workflow.draft)
    except SpecError as error:
        raise Conflict("The workflow cannot be read. Mend it in the editor first.") from error
    start = next((node for node in spec.nodes if node.kind == "start"), None)
    if start is None:
        raise Conflict("The workflow has no Start step. Add one first.")
    asked = [item for item in start.config.get("fields") or [] if isinstance(item, dict)]
    known = {item.get("name") for item in asked}
    given = as_object(webhook.sample.get("body")) or as_object(webhook.sample.get("query")) or {}
    added = [_field(name, value) for name, value in given.items() if name not in known and _NAME.fullmatch(name)][:MOST_FIELDS]
    if added:
        change = SetConfig(id=start.id, path=("fields",), value=[*asked, *added])
        apply_own(uow, workflow, [change], client_key=f"sample:{uuid.uuid4().hex}")
    return tuple(str(item["name"]) for item in added)


def _field(name: str, value: JsonValue) -> JsonObject:
    field: JsonObject = {"name": name, "type": _type_of(value), "required": False}
    if isinstance(value, str | int | float | bool) and len(str(value)) <= EXAMPLE_CHARACTERS:
        field["example"] = value
    return field


def _type_of(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "number"
    if isinstance(value, str):
        return "long_text" if "\n" in value or len(value) > EXAMPLE_CHARACTERS else "text"
    return "list" if isinstance(value, list) else "json"
