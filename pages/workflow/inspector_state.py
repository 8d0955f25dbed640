"""State of the inspector: the form of the selected node, and every edit as operations handed to the editor."""

import json
from collections.abc import Callable
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.core.uow import UnitOfWork
from app.services.inspector import change_entry, change_field, change_policy, describe_node
from app.session import Bridge
from app.views.node_form import NodeForm
from components.forms.schema_rows import SchemaRow, edit_rows, rows_from_json, rows_from_schema, schema_from_rows
from engine.json import JsonObject, JsonSchema
from pages.workflow.run_state import EditorRunState
from pages.workflow.state import EditorState

SCHEMA_VIEWS = ("fields", "json")


class InspectorState(Bridge, rx.State):
    """The selected node as a form."""

    form: NodeForm = NodeForm()
    errors: dict[str, str] = {}
    revision: int = 0
    text_cells: list[str] = []

    def _workflow_id(self) -> str:
        return self.router.url.path.rstrip("/").rsplit("/", 1)[-1]

    @rx.event
    async def follow(self, chosen: dict[str, Any]):
        """The canvas tells which step is chosen, and when it was saved or changed from elsewhere (`fresh`)."""
        node_id = str(chosen.get("id", ""))
        if chosen.get("fresh") or node_id != self.form.id:
            return [InspectorState.select(node_id), EditorRunState.inspect(node_id)]
        return InspectorState.refresh

    @rx.event
    async def select(self, node_id: str):
        """Show a node; "" shows none."""
        self.errors, self.text_cells = {}, []
        self.form = await self._read(describe_node, workflow_id=self._workflow_id(), node_id=node_id) if node_id else NodeForm()
        self.revision += 1
        return InspectorSchemaState.open

    @rx.event
    async def refresh(self):
        """Read the shown node again after an edit was saved."""
        if self.form.id:
            self.form = await self._read(describe_node, workflow_id=self._workflow_id(), node_id=self.form.id)

    async def _edit(self, name: str, service: Callable[..., list[JsonObject]], **change: Any) -> list[JsonObject]:
        """Work out the operations of one change; a refusal stands at its field."""
        self.errors = {key: text for key, text in self.errors.items() if key != name}
        try:
            return await self._read(service, workflow_id=self._workflow_id(), node_id=self.form.id, name=name, **change)
        except Invalid as refused:
            self.errors = {**self.errors, name: refused.fields.get(name, refused.message)}
        except AppError as refused:
            self.errors = {**self.errors, name: refused.message}
        return []

    def _save(self, operations: list[JsonObject]) -> Any:
        return EditorState.apply_from_inspector(operations) if operations else None

    @rx.event
    async def set_field(self, name: str, text: str | bool):
        """A field was edited."""
        value = ("true" if text else "false") if isinstance(text, bool) else str(text)
        return self._save(await self._edit(str(name), change_field, text=value))

    @rx.event
    async def toggle_pick(self, name: str, value: str):
        """A tool or fallback model was picked or dropped."""
        row = next((row for row in self.form.rows if row.name == name), None)
        picked = list(row.picked) if row else []
        picked = [one for one in picked if one != value] if value in picked else [*picked, str(value)]
        return self._save(await self._edit(str(name), change_field, text=picked))

    @rx.event
    async def set_entry(self, name: str, action: str, index: int, cell: str, text: str | bool):
        """A case, button, field or line was added, removed, moved or edited."""
        value = ("true" if text else "false") if isinstance(text, bool) else str(text)
        change = {"action": str(action), "index": index, "cell": str(cell), "text": value}
        return self._save(await self._edit(str(name), change_entry, **change))

    @rx.event
    async def set_condition(self, place: str, row: int, part: str, text: str):
        """The visual builder of the condition at `place` (field.index.cell) was used."""
        name, index, cell = (*str(place).split("."), "", "")[:3]
        paths = [variable["path"] for variable in self.form.variables]
        change = {"row": row, "part": str(part), "text": str(text), "paths": paths}
        edit = {"action": "condition", "index": int(index) if index.isdecimal() else -1, "cell": cell, "text": change}
        return self._save(await self._edit(name, change_entry, **edit))

    @rx.event
    def show_as_text(self, key: str):
        """Edit a condition as text, or as rows again."""
        self.text_cells = [one for one in self.text_cells if one != key] if key in self.text_cells else [*self.text_cells, str(key)]

    @rx.event
    async def set_policy(self, name: str, text: str):
        """Join, retry, time limit or error policy was edited."""
        return self._save(await self._edit(f"policy.{name}", _change_policy, text=str(text)))

    @rx.event
    def set_label(self, text: str):
        """The name people read."""
        return self._save([{"op": "set_label", "id": self.form.id, "label": str(text)[:120]}])

    @rx.event
    def rename(self, node_id: str):
        """The id that templates name; every reference follows."""
        wanted = str(node_id).strip()
        if not wanted or wanted == self.form.id:
            return None
        operation = {"op": "rename_node", "id": self.form.id, "new_id": wanted}
        return EditorState.apply_from_inspector([operation])


def _change_policy(uow: UnitOfWork, *, name: str, **rest: Any) -> list[JsonObject]:
    """The policy service under the names that errors stand by in the form."""
    return change_policy(uow, name=name.removeprefix("policy."), **rest)


def _rows_can_show(schema: JsonSchema) -> bool:
    try:
        rows_from_schema(schema)
    except ValueError:
        return False
    return True


class InspectorSchemaState(Bridge, rx.State):
    """The schema builder of the selected node, for kinds that have a structured answer."""

    rows: list[SchemaRow] = []
    view: str = "fields"
    json_text: str = ""
    problem: str = ""
    can_show_rows: bool = True
    _field: str = ""

    @rx.event
    async def open(self):
        """Take the schema of the selected node."""
        form = (await self.get_state(InspectorState)).form
        row = next((row for row in form.rows if row.widget == "schema"), None)
        self._field, self.json_text = (row.name, row.text) if row else ("", "")
        self._read_json()

    def _read_json(self) -> None:
        self.problem, self.can_show_rows = "", True
        if not self.json_text.strip():
            self.rows = []
            return
        rows, schema, self.problem = rows_from_json(self.json_text)
        self.rows = rows
        self.can_show_rows = schema is None or _rows_can_show(schema)

    @rx.event
    def edit(self, action: str, uid: int, value: str | bool):
        """One edit of the builder; kept while a row is still wrong, saved once all are right."""
        self.rows = edit_rows(self.rows, action, uid, value)
        if any(row.problem for row in self.rows):
            return None
        schema = schema_from_rows(self.rows)
        return InspectorState.set_field(self._field, json.dumps(schema, indent=2) if schema else "")

    @rx.event
    def set_view(self, view: str):
        """Fields or raw JSON."""
        self.view = view if view in SCHEMA_VIEWS else "fields"

    @rx.event
    def set_json(self, text: str):
        """The raw view was edited."""
        self.json_text = str(text)[:200_000]
        self._read_json()
        return None if self.problem else InspectorState.set_field(self._field, self.json_text)
