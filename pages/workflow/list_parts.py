"""Lists in the inspector: cases, buttons, input fields, headers and variables, edited entry by entry in the browser."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import ASSETS, act, act_with
from components.forms import bare_input, bare_select, bare_switch, bare_template, condition_builder
from pages.workflow.inspector_state import InspectorState

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say


class EntryFold(rx.Component):
    """See fold.jsx; three children: words, tools, form."""

    library = ASSETS["fold.jsx"]
    tag = "EntryFold"

    place: rx.Var[str]
    index: rx.Var[int]
    starts_open: rx.Var[bool]
    problem: rx.Var[str]


def list_field(row: Any, error: Any) -> rx.Component:
    """The entries of a list field, and a button for one more."""
    add = ui.button(
        rx.el.span("Add ", row.entry_word),
        icon="plus",
        size="sm",
        on_click=act("entry", _state.form.id, row.name, "add", -1, "", ""),
        disabled=~_state.form.can_edit,
    )
    is_pairs = (row.widget == "key_values") | (row.widget == "values")
    folded = row.widget == "form_fields"
    one = rx.foreach(
        row.listed, lambda entry: rx.cond(is_pairs, pair_line(row, entry), rx.cond(folded, _folded(row, entry), _entry(row, entry)))
    )
    above = rx.cond(error != "", rx.el.div(error, class_name="af-error", role="alert"))  # below a long list nobody would see it
    control = ui.stack(above, rx.el.div(one, class_name="af-stack", style={"--af-gap": "8px"}), rx.el.div(add), gap=2)
    return ui.field(row.label, control, name=row.name, help=row.help)


def _keep(row: Any, entry: Any, cell: Any) -> Any:
    return act_with("entry", _state.form.id, row.name, "cell", entry.index, cell)


def pair_line(row: Any, entry: Any) -> rx.Component:
    """A name and its value."""
    key, value = entry.cells[0], entry.cells[1]
    name = bare_input(
        label="Name", value=key.text, on_change=_keep(row, entry, "key"), pause=900, spell_check=False, disabled=~_state.form.can_edit
    )
    text = bare_template(
        label="Value",
        value=value.text,
        on_change=_keep(row, entry, "value"),
        variables=_state.form.variables,
        revision=_state.revision,
        disabled=~_state.form.can_edit,
    )
    attributes = {"data-entry": entry.index.to_string()}
    return rx.el.div(name, text, _remove(row, entry), class_name="af-pair", key=entry.index.to_string(), custom_attrs=attributes)


def _button(row: Any, entry: Any, action: str, icon: str, label: str) -> rx.Component:
    return ui.icon_button(
        icon,
        label=label,
        size="sm",
        tip=False,
        on_click=act("entry", _state.form.id, row.name, action, entry.index, "", ""),
        disabled=~_state.form.can_edit,
    )


def _remove(row: Any, entry: Any) -> rx.Component:
    return _button(row, entry, "remove", "trash_2", "Remove")


def _tools(row: Any, entry: Any) -> rx.Component:
    return rx.fragment(
        _button(row, entry, "up", "chevron_up", "Move up"),
        _button(row, entry, "down", "chevron_down", "Move down"),
        _remove(row, entry),
    )


def _cells(row: Any, entry: Any) -> rx.Component:
    return rx.el.div(rx.foreach(entry.cells, lambda cell: _cell(row, entry, cell)), class_name="af-cells")


def _entry(row: Any, entry: Any) -> rx.Component:
    head = ui.row(rx.el.strong(entry.title, class_name="af-truncate af-small"), ui.spacer(), _tools(row, entry), gap=1)
    attributes = {"data-entry": entry.index.to_string()}
    return rx.el.div(head, _cells(row, entry), class_name="af-entry", key=entry.index.to_string(), custom_attrs=attributes)


def _folded(row: Any, entry: Any) -> rx.Component:
    """An entry of a list that may be long: one line until it is opened."""
    words = rx.el.span(
        rx.el.strong(entry.title, class_name="af-truncate"), rx.el.span(entry.hint, class_name="af-muted"), class_name="af-fold-words"
    )
    return EntryFold.create(
        words,
        _tools(row, entry),
        _cells(row, entry),
        place=f"{_state.form.id}/{row.name}/{entry.index}",
        index=entry.index,
        starts_open=row.listed.length() == 1,
        problem=entry.error,
        key=entry.index.to_string(),
    )


def _cell(row: Any, entry: Any, cell: Any) -> rx.Component:
    keep, disabled = _keep(row, entry, cell.name), ~_state.form.can_edit
    options = rx.foreach(cell.choices, lambda choice: rx.el.option(choice.label, value=choice.value))
    template = bare_template(
        label=cell.label,
        value=cell.text,
        on_change=keep,
        variables=_state.form.variables,
        revision=_state.revision,
        spots=cell.spots,
        disabled=disabled,
    )
    condition = condition_builder(
        label=cell.label, value=cell.text, on_change=keep, variables=_state.form.variables, spots=cell.spots, disabled=disabled
    )
    lines = bare_input(label=cell.label, value=cell.text, on_change=keep, multiline=True, rows=2, disabled=disabled)
    control = rx.match(
        cell.widget,
        ("condition", condition),
        *((name, template) for name in ("template", "late_template", "value", "late_value")),
        ("select", bare_select(options, label=cell.label, value=cell.text, on_change=keep, small=True, disabled=disabled)),
        ("toggle", bare_switch(label=cell.label, checked=cell.is_on, on_change=keep, disabled=disabled)),
        *((name, lines) for name in ("lines", "textarea")),
        bare_input(label=cell.label, value=cell.text, on_change=keep, disabled=disabled),
    )
    words = rx.el.span(cell.label, class_name="af-label af-small", title=cell.help)
    help = rx.cond(cell.help != "", rx.el.span(cell.help, class_name="af-help af-cell-help"))
    wrong = rx.cond(cell.error != "", rx.el.span(cell.error, class_name="af-error af-cell-help", role="alert"))
    return rx.el.div(words, control, wrong, help, class_name="af-cell", key=cell.name, custom_attrs={"data-cell": cell.name})
