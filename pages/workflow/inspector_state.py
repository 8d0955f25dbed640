"""State of the inspector: the form of the selected node. Its edits are made in the browser, by components/canvas/forms.js."""

import json
from typing import Any

import reflex as rx

from app.services.inspector import describe_node
from app.session import Bridge
from app.views.node_form import NodeForm
from components import ui
from components.forms.schema_rows import SchemaRow, edit_rows, rows_from_json, rows_from_schema, schema_from_rows
from engine.json import JsonObject, JsonSchema
from pages.workflow.doors_state import DoorsState
from pages.workflow.run_state import EditorRunState
from pages.workflow.state import EditorState

SCHEMA_VIEWS = ("fields", "json")


class InspectorState(Bridge, rx.State):
    """The selected node as a form."""

    form: NodeForm = NodeForm()
    revision: int = 0

    @rx.event
    def forget(self):
        """Show nothing of another workflow; called when the editor opens."""
        self.form = NodeForm()

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
        self.form = await self._read(describe_node, workflow_id=self._address_id(), node_id=node_id) if node_id else NodeForm()
        self.revision += 1
        return [InspectorSchemaState.open, DoorsState.open] if self.form.kind == "start" else InspectorSchemaState.open

    @rx.event
    async def refresh(self):
        """Read the shown node again after an edit was saved."""
        if self.form.id:
            self.form = await self._read(describe_node, workflow_id=self._address_id(), node_id=self.form.id)


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
    _node: str = ""

    @rx.event
    async def open(self):
        """Take the schema of the selected node."""
        form = (await self.get_state(InspectorState)).form
        row = next((row for row in form.rows if row.widget == "schema"), None)
        self._node, self._field, self.json_text = (form.id, row.name, row.text) if row else ("", "", "")
        self._read_json()

    def _read_json(self) -> None:
        self.problem, self.can_show_rows = "", True
        if not self.json_text.strip():
            self.rows = []
            return
        rows, schema, self.problem = rows_from_json(self.json_text)
        self.rows = rows
        self.can_show_rows = schema is None or _rows_can_show(schema)

    def _keep(self, schema: JsonObject | None) -> Any:
        edit = {"op": "set_config", "id": self._node, "path": [self._field]}
        return EditorState.apply_from_inspector([{**edit, "value": schema} if schema else {**edit, "unset": True}])

    @rx.event
    def edit(self, action: str, uid: int, value: str | bool):
        """One edit of the builder; kept while a row is still wrong, saved once all are right. A new field wants its name."""
        known = {row.uid for row in self.rows}
        self.rows = edit_rows(self.rows, action, uid, value)
        made = [row.uid for row in self.rows if row.uid not in known]
        focus = [ui.focus_on(f"#schema-name-{made[0]}")] if action == "add" and made else []
        if any(row.problem for row in self.rows):
            return focus
        return [self._keep(schema_from_rows(self.rows) or None), *focus]

    @rx.event
    def set_view(self, view: str):
        """Fields or raw JSON."""
        self.view = view if view in SCHEMA_VIEWS else "fields"

    @rx.event
    def set_json(self, text: str):
        """The raw view was edited."""
        self.json_text = str(text)[:200_000]
        self._read_json()
        return None if self.problem else self._keep(json.loads(self.json_text) if self.json_text.strip() else None)
