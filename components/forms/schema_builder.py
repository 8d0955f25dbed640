"""The JSON Schema builder: rows of fields with nesting, and the raw JSON beside it; props-driven, see schema_rows."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.fields import DraftInput, bare_input
from components.forms.schema_rows import SchemaRow
from components.ui import Flag, Text

_KIND_LABELS = (
    ("text", "Text"),
    ("number", "Number"),
    ("integer", "Whole number"),
    ("boolean", "Yes / no"),
    ("choice", "One of a list"),
    ("object", "Group of fields"),
    ("array", "List"),
)
_ITEM_LABELS = tuple(
    (kind, f"of {words}")
    for kind, words in (
        ("text", "texts"),
        ("number", "numbers"),
        ("integer", "whole numbers"),
        ("boolean", "yes / no"),
        ("choice", "choices"),
        ("object", "groups"),
    )
)


def schema_builder(
    rows: rx.Var[list[SchemaRow]],
    *,
    on_edit: Any,
    view: rx.Var[str],
    on_view: Any,
    json_text: Text,
    on_json: Any,
    json_problem: Text = "",
    can_show_rows: Flag = True,
    disabled: Flag = False,
) -> rx.Component:
    """Fields and raw JSON of an output schema.

    `on_edit(action, uid, value)` is called for every edit, `on_view("fields" | "json")` when the view changes, and
    `on_json(text)` with the raw text. With `can_show_rows` False (alternatives, lists of lists) only the JSON is offered.
    """
    switch = ui.segmented((("fields", "Fields"), ("json", "JSON")), value=view, on_change=on_view, label="How to edit the output")
    note = ui.callout("This schema uses parts that only the JSON view can show.", tone="blue")
    shown = rx.cond(can_show_rows, _rows(rows, on_edit, disabled), note)
    raw = _raw(json_text, on_json, json_problem, disabled)
    return ui.stack(switch, rx.cond(view == "json", raw, shown), gap=3)


def _rows(rows: rx.Var[list[SchemaRow]], on_edit: Any, disabled: Flag) -> rx.Component:
    add = ui.button("Add field", icon="plus", size="sm", on_click=on_edit("add", 0, ""), disabled=disabled)
    body = rx.foreach(rows, lambda row: _row(row, on_edit, disabled))
    return ui.stack(rx.el.div(body, class_name="af-schema", role="list"), rx.el.div(add), gap=2)


def _row(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    name = bare_input(
        label="Field name",
        value=row.name,
        on_change=lambda text: on_edit("name", row.uid, text),
        placeholder="name",
        spell_check=False,
        disabled=disabled,
        aria_invalid=row.problem != "",
        id=f"schema-name-{row.uid}",
    )
    head = rx.el.div(
        rx.el.div(name, class_name="af-schema-name"),
        _kind(row, on_edit, disabled),
        _required(row, on_edit, disabled),
        _row_actions(row, on_edit, disabled),
        class_name="af-schema-head",
    )
    return rx.el.div(
        head,
        rx.cond(row.problem != "", rx.el.div(row.problem, class_name="af-error", role="alert")),
        _details(row, on_edit, disabled),
        rx.cond(_holds_fields(row), _add_inside(row, on_edit, disabled)),
        key=row.uid.to_string(),
        class_name="af-schema-row",
        style={"--depth": row.depth.to_string()},
        role="listitem",
    )


def _holds_fields(row: rx.vars.ObjectVar[SchemaRow]) -> rx.Var[bool]:
    return (row.kind == "object") | ((row.kind == "array") & (row.item_kind == "object"))


def _choice(options: tuple[tuple[str, str], ...], *, value: rx.Var[str], on_change: Any, label: str, disabled: Flag) -> rx.Component:
    return rx.el.select(
        *ui.options(options), value=value, on_change=on_change, aria_label=label, disabled=disabled, class_name="af-input af-size-sm"
    )


def _kind(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    kind = _choice(_KIND_LABELS, value=row.kind, on_change=lambda value: on_edit("kind", row.uid, value), label="Type", disabled=disabled)
    item = _choice(
        _ITEM_LABELS,
        value=row.item_kind,
        on_change=lambda value: on_edit("item_kind", row.uid, value),
        label="What the list holds",
        disabled=disabled,
    )
    return rx.el.div(kind, rx.cond(row.kind == "array", item), class_name="af-schema-kind")


def _required(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        checked=row.is_required,
        on_change=lambda value: on_edit("required", row.uid, value),
        disabled=disabled,
        class_name="af-checkbox",
    )
    return rx.el.label(box, "Required", class_name="af-row af-small af-schema-required", title="The answer must always contain this field")


def _row_actions(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    def act(icon: str, label: str, action: str) -> rx.Component:
        press = on_edit(action, row.uid, "")
        return ui.icon_button(icon, label=label, size="sm", on_click=press, disabled=disabled, tip=False, title=label)

    moves = (act("arrow_up", "Move up", "up"), act("arrow_down", "Move down", "down"))
    return rx.el.div(*moves, act("trash_2", "Remove field", "remove"), class_name="af-schema-actions")


def _details(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    description = bare_input(
        label="Description",
        value=row.description,
        on_change=lambda text: on_edit("description", row.uid, text),
        placeholder="What it means, for the model",
        disabled=disabled,
    )
    choices = bare_input(
        label="Allowed values",
        value=row.choices,
        on_change=lambda text: on_edit("choices", row.uid, text),
        placeholder="low, normal, high",
        disabled=disabled,
    )
    is_choice = (row.kind == "choice") | ((row.kind == "array") & (row.item_kind == "choice"))
    return rx.el.div(description, rx.cond(is_choice, choices), class_name="af-schema-details")


def _add_inside(row: rx.vars.ObjectVar[SchemaRow], on_edit: Any, disabled: Flag) -> rx.Component:
    label = rx.el.span("Add field to ", rx.el.b(row.name))
    return ui.button(label, icon="plus", size="sm", variant="ghost", on_click=on_edit("add", row.uid, ""), disabled=disabled)


def _raw(json_text: Text, on_json: Any, problem: Text, disabled: Flag) -> rx.Component:
    area = DraftInput.create(
        value=json_text,
        on_change=on_json,
        multiline=True,
        rows=14,
        spell_check=False,
        disabled=disabled,
        class_name="af-input af-grow af-mono",
        aria_label="JSON Schema of the output",
        pause=500,
    )
    return ui.stack(area, rx.el.div(problem, class_name="af-error", role="alert"), gap=2)
