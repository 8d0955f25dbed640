"""Structured output in the agent form: the builder's rows, the raw JSON, and the draft's schema that both stand for."""

import json
from dataclasses import replace
from typing import Any

import reflex as rx

from app.session import Bridge
from components import ui
from components.forms import SchemaRow, edit_rows, rows_from_json, rows_from_schema, rows_problem, schema_from_rows
from pages.agent.form_state import AgentFormState


class AgentSchemaState(Bridge, rx.State):
    """The builder. What is switched off is remembered until the page is left."""

    rows: list[SchemaRow] = []
    view: str = "fields"
    text: str = ""
    problem: str = ""
    is_on: bool = False
    has_rows: bool = True

    @rx.event
    async def load(self) -> None:
        """Show the draft's schema."""
        form = await self.get_state(AgentFormState)
        schema = form.draft.output_schema
        self.is_on, self.problem, self.view = schema is not None, "", "fields"
        self._read_schema(schema)

    def _read_schema(self, schema: dict[str, Any] | None) -> None:
        self.text = json.dumps(schema, indent=2, ensure_ascii=False) if schema else ""
        try:
            self.rows, self.has_rows = rows_from_schema(schema), True
        except ValueError:
            self.rows, self.has_rows, self.view = [], False, "json"

    async def _apply(self, schema: dict[str, Any] | None) -> None:
        form = await self.get_state(AgentFormState)
        problem = "" if schema is None else self.problem or rows_problem(self.rows)
        await form._change(replace(form.draft, output_schema=schema, output_problem=problem))

    @rx.event
    async def toggle(self, is_on: bool) -> None:
        """Switch structured output on, with a first field, or off."""
        self.is_on = is_on is True
        if self.is_on and not self.rows and self.has_rows:
            self.rows = edit_rows(edit_rows([], "add", 0), "name", 1, "answer")
        await self._apply(self._schema() if self.is_on else None)

    def _schema(self) -> dict[str, Any] | None:
        if self.has_rows:
            schema = schema_from_rows(self.rows) or {"type": "object", "properties": {}}
            self.text, self.problem = json.dumps(schema, indent=2, ensure_ascii=False), ""
            return schema
        _, schema, self.problem = rows_from_json(self.text)
        return schema or {"type": "object", "properties": {}}

    @rx.event
    async def edit(self, action: str, uid: int, value: Any) -> Any:
        """Apply one edit of the builder; a new field wants its name."""
        known = {row.uid for row in self.rows}
        self.rows = edit_rows(self.rows, action, uid, value)
        await self._apply(self._schema())
        made = [row.uid for row in self.rows if row.uid not in known]
        return ui.focus_on(f"#schema-name-{made[0]}") if action == "add" and made else None

    @rx.event
    def set_view(self, view: str) -> None:
        """Show fields or JSON."""
        self.view = "json" if view == "json" else "fields"

    @rx.event
    async def set_json(self, text: str) -> None:
        """Take the raw JSON; a broken one is kept on screen and told, the draft keeps the last sound one."""
        self.text = str(text)[:80_000]
        rows, schema, self.problem = rows_from_json(self.text)
        if schema is None:
            form = await self.get_state(AgentFormState)
            await form._change(replace(form.draft, output_problem=self.problem))
            return
        self.rows, self.has_rows = rows, bool(rows)
        await self._apply(schema)
