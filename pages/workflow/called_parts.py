"""The inspector's form for what a called workflow asks for: one line for each of its inputs, edited in the browser."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, act_with
from components.forms import bare_template
from pages.workflow.inspector_state import InspectorState
from pages.workflow.list_parts import pair_line

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say


def called_inputs_field(row: Any, error: Any) -> rx.Component:
    """The inputs by name; for a workflow that takes anything, names can be added."""
    named = rx.foreach(row.listed, lambda entry: _named(row, entry))
    add = ui.button(
        "Add value",
        icon="plus",
        size="sm",
        on_click=act("entry", _state.form.id, row.name, "add", -1, "", ""),
        disabled=~_state.form.can_edit,
    )
    free = ui.stack(rx.foreach(row.listed, lambda entry: pair_line(row, entry)), rx.el.div(add), gap=2)
    note = rx.cond(row.placeholder != "", ui.muted(row.placeholder))
    control = ui.stack(note, rx.cond(row.is_open, free, ui.stack(named, gap=3)), gap=2)
    return ui.field(row.label, control, name=row.name, help=row.help, error=error)


def _named(row: Any, entry: Any) -> rx.Component:
    cell = entry.cells[0]
    is_unknown = entry.title == "unknown"
    field = bare_template(
        label=cell.label,
        value=cell.text,
        on_change=act_with("entry", _state.form.id, row.name, "named", entry.index, cell.name),
        variables=_state.form.variables,
        revision=_state.revision,
        disabled=~_state.form.can_edit,
    )
    drop = ui.button(
        "Remove",
        variant="link",
        size="sm",
        on_click=act("entry", _state.form.id, row.name, "named", entry.index, cell.name, ""),
        disabled=~_state.form.can_edit,
    )
    mark = rx.cond(is_unknown, rx.el.span("not asked for any more ", drop, class_name="af-error"), ui.muted(entry.title))
    words = ui.row(rx.el.span(cell.label, class_name="af-label af-small"), mark, gap=2)
    help = rx.cond(cell.help != "", rx.el.span(cell.help, class_name="af-help af-cell-help"))
    return rx.el.div(words, field, help, class_name="af-cell", key=cell.name, custom_attrs={"data-cell": cell.name})
