"""The inspector: one form for every kind of node, derived from the kind's own description."""

from typing import Any

import reflex as rx

from components import ui
from components.forms import bare_input, draft_field, schema_builder, template_field
from engine.expressions.comparisons import OPERATORS
from pages.workflow.inspector_state import InspectorSchemaState, InspectorState

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say
_schema_state: Any = InspectorSchemaState  # its attributes are Vars, which the type of the class does not say

_OPERATOR_WORDS = {"==": "is", "!=": "is not", ">": ">", ">=": "≥", "<": "<", "<=": "≤", "contains": "contains"}
_LIST_WIDGETS = ("cases", "buttons", "form_fields", "key_values", "values")
_JOINS = (("all", "for every incoming path"), ("any", "for the first that arrives"), ("count", "for a number of them"))
_ON_ERROR = (("fail", "Stop the run"), ("branch", "Go on at the error port"), ("default", "Go on with a default output"))


def inspector() -> rx.Component:
    """The form of the selected node, or what to do when none is selected."""
    form = _state.form
    body = ui.stack(_head(), _problems(), _fields(), _advanced(), gap=4, class_name="af-inspector-body", key=form.id)
    empty = ui.empty_state(
        "Nothing selected",
        "Click a node to change what it does. Drag from the palette to add one.",
        icon="mouse_pointer_click",
        framed=False,
    )
    return rx.el.div(rx.cond(form.id != "", body, empty), class_name="af-inspector", id="inspector")


def _head() -> rx.Component:
    form = _state.form
    label = draft_field(
        "Label",
        name="node-label",
        value=form.label,
        on_change=_state.set_label,
        placeholder=form.kind_title,
        max_length=120,
        disabled=~form.can_edit,
    )
    identity = draft_field(
        "Name in templates",
        name="node-id",
        value=form.id,
        on_change=_state.rename,
        help="Small letters, digits and _. References follow when you rename it.",
        pause=1200,
        max_length=63,
        disabled=~form.can_edit,
        spell_check=False,
    )
    kind = ui.row(ui.badge(form.kind_title, custom_attrs={"data-category": form.category}), ui.muted(form.summary), gap=2)
    return ui.stack(kind, label, identity, gap=3)


def _problems() -> rx.Component:
    return rx.cond(_state.form.problems.length() > 0, ui.stack(rx.foreach(_state.form.problems, _problem), gap=2), rx.fragment())


def _problem(item: Any) -> rx.Component:
    words = rx.el.span(item.message, " ", ui.muted(item.remedy))
    return rx.cond(item.severity == "error", ui.callout(words, tone="red"), ui.callout(words, tone="amber"))


def _fields() -> rx.Component:
    return ui.stack(rx.foreach(_state.form.rows, lambda row: rx.cond(row.is_advanced, rx.fragment(), _field(row))), gap=4)


def _advanced() -> rx.Component:
    more = rx.foreach(_state.form.rows, lambda row: rx.cond(row.is_advanced, _field(row), rx.fragment()))
    return rx.el.details(
        rx.el.summary("Advanced", class_name="af-summary"),
        ui.stack(more, _policies(), gap=4, class_name="af-advanced"),
        class_name="af-details",
    )


def _field(row: Any) -> rx.Component:
    """One field by its widget; its own refusal comes before what the checker found."""
    error = rx.cond(_state.errors.contains(row.name), _state.errors[row.name], row.error)
    templates = ("template", "late_template", "value", "late_value", "condition")
    made = rx.match(
        row.widget,
        *((name, _template(row, error)) for name in templates),
        *((name, _entries(row, error)) for name in _LIST_WIDGETS),
        *((name, _select(row, error)) for name in ("select", "agent", "model")),
        *((name, _picks(row, error)) for name in ("models", "tools")),
        *((name, _area(row, error)) for name in ("textarea", "lines", "json")),
        ("code", _area(row, error, code=True)),
        ("toggle", _toggle(row)),
        ("schema", _schema(row, error)),
        _line(row, error),
    )
    return rx.el.div(made, key=row.name, custom_attrs={"data-field": row.name})


def _template(row: Any, error: Any) -> rx.Component:
    return template_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=lambda text: _state.set_field(row.name, text),
        variables=_state.form.variables,
        revision=_state.revision,
        help=row.help,
        error=error,
        finding=(row.line, row.column),
        min_rows=1,
        max_rows=16,
        disabled=~_state.form.can_edit,
    )


def _line(row: Any, error: Any) -> rx.Component:
    return draft_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=lambda text: _state.set_field(row.name, text),
        help=row.help,
        error=error,
        placeholder=row.placeholder,
        disabled=~_state.form.can_edit,
    )


def _area(row: Any, error: Any, *, code: bool = False) -> rx.Component:
    return draft_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=lambda text: _state.set_field(row.name, text),
        help=row.help,
        error=error,
        multiline=True,
        rows=10 if code else 4,
        spell_check=not code,
        pause=700,
        disabled=~_state.form.can_edit,
        style={"font_family": "var(--af-mono)"} if code else {},
    )


def _select(row: Any, error: Any) -> rx.Component:
    control = rx.el.select(
        rx.foreach(row.choices, _option),
        value=row.text,
        on_change=lambda value: _state.set_field(row.name, value),
        id=f"field-{row.name}",
        disabled=~_state.form.can_edit,
        class_name="af-input af-select",
    )
    manage = rx.cond(row.widget == "agent", ui.link("Open agents", href="/agents", class_name="af-link af-small"))
    return ui.stack(ui.field(row.label, control, name=row.name, help=row.help, error=error), manage, gap=1)


def _option(choice: Any) -> rx.Component:
    return rx.el.option(choice.label, value=choice.value)


def _toggle(row: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        role="switch",
        checked=row.is_on,
        on_change=lambda is_on: _state.set_field(row.name, is_on),
        disabled=~_state.form.can_edit,
        class_name="af-switch",
        id=f"field-{row.name}",
    )
    words = rx.el.span(rx.el.span(row.label, class_name="af-label"), rx.el.span(row.help, class_name="af-help"), class_name="af-tool-words")
    return rx.el.label(box, words, class_name="af-switch-row af-tool")


def _picks(row: Any, error: Any) -> rx.Component:
    chips = rx.foreach(
        row.picked,
        lambda one: rx.el.button(
            one, rx.icon("x", size=12), type="button", on_click=_state.toggle_pick(row.name, one), class_name="af-chip"
        ),
    )
    add = rx.el.select(
        rx.el.option("Add…", value=""),
        rx.foreach(row.choices, _option),
        value="",
        on_change=lambda value: _state.toggle_pick(row.name, value),
        id=f"field-{row.name}",
        class_name="af-input af-select",
    )
    return ui.field(row.label, ui.stack(ui.row(chips, wrap=True), add, gap=2), name=row.name, help=row.help, error=error)


def _schema(row: Any, error: Any) -> rx.Component:
    state = _schema_state
    control = schema_builder(
        state.rows,
        on_edit=state.edit,
        view=state.view,
        on_view=state.set_view,
        json_text=state.json_text,
        on_json=state.set_json,
        json_problem=state.problem,
        can_show_rows=state.can_show_rows,
        disabled=~_state.form.can_edit,
    )
    return ui.field(row.label, control, name=row.name, help=row.help, error=error)


# --- lists: cases, buttons, input fields, headers, variables --------------------------------------------------------------


def _entries(row: Any, error: Any) -> rx.Component:
    add = ui.button(
        rx.el.span("Add ", row.entry_word),
        icon="plus",
        size="sm",
        on_click=_state.set_entry(row.name, "add", -1, "", ""),
        disabled=~_state.form.can_edit,
    )
    is_pairs = (row.widget == "key_values") | (row.widget == "values")
    one = rx.foreach(row.listed, lambda entry: rx.cond(is_pairs, _pair(row, entry), _entry(row, entry)))
    control = ui.stack(rx.el.div(one, class_name="af-stack", style={"--af-gap": "8px"}), rx.el.div(add), gap=2)
    return ui.field(row.label, control, name=row.name, help=row.help, error=error)


def _pair(row: Any, entry: Any) -> rx.Component:
    key, value = entry.cells[0], entry.cells[1]
    return rx.el.div(
        bare_input(label="Name", value=key.text, on_change=lambda text: _state.set_entry(row.name, "cell", entry.index, "key", text)),
        bare_input(label="Value", value=value.text, on_change=lambda text: _state.set_entry(row.name, "cell", entry.index, "value", text)),
        _remove(row, entry),
        class_name="af-pair",
        key=entry.index.to_string(),
    )


def _remove(row: Any, entry: Any) -> rx.Component:
    return ui.icon_button(
        "trash_2", label="Remove", size="sm", tip=False, on_click=_state.set_entry(row.name, "remove", entry.index, "", "")
    )


def _entry(row: Any, entry: Any) -> rx.Component:
    def move(action: str, icon: str, label: str) -> rx.Component:
        return ui.icon_button(icon, label=label, size="sm", tip=False, on_click=_state.set_entry(row.name, action, entry.index, "", ""))

    head = ui.row(
        rx.el.strong(entry.title, class_name="af-truncate af-small"),
        ui.spacer(),
        move("up", "chevron_up", "Move up"),
        move("down", "chevron_down", "Move down"),
        _remove(row, entry),
        gap=1,
    )
    cells = rx.foreach(entry.cells, lambda cell: _cell(row, entry, cell))
    return rx.el.div(head, rx.el.div(cells, class_name="af-cells"), class_name="af-entry", key=entry.index.to_string())


def _cell(row: Any, entry: Any, cell: Any) -> rx.Component:
    def keep(text: Any) -> ui.Event:
        return _state.set_entry(row.name, "cell", entry.index, cell.name, text)

    line = bare_input(label=cell.label, value=cell.text, on_change=keep)
    choice = rx.el.select(
        rx.foreach(cell.choices, _option),
        value=cell.text,
        on_change=keep,
        aria_label=cell.label,
        class_name="af-input af-size-sm af-select",
    )
    switch = rx.el.input(type="checkbox", role="switch", checked=cell.is_on, on_change=keep, aria_label=cell.label, class_name="af-switch")
    lines = bare_input(label=cell.label, value=cell.text, on_change=keep, multiline=True, rows=2)
    control = rx.match(
        cell.widget,
        ("condition", _condition(row, entry, cell)),
        ("select", choice),
        ("toggle", switch),
        ("lines", lines),
        line,
    )
    return rx.el.label(
        rx.el.span(cell.label, class_name="af-label af-small", title=cell.help),
        control,
        class_name="af-cell",
        custom_attrs={"data-cell": cell.name},
    )


# --- conditions: rows or text ----------------------------------------------------------------------------------------------


def _condition(row: Any, entry: Any, cell: Any) -> rx.Component:
    place = f"{row.name}.{entry.index}.{cell.name}"
    is_text = _state.text_cells.contains(place) | ~cell.is_simple
    text = bare_input(
        label="Condition",
        value=cell.text,
        on_change=lambda value: _state.set_entry(row.name, "cell", entry.index, cell.name, value),
        multiline=True,
        rows=2,
        spell_check=False,
        placeholder="score > 0.5 and inputs.plan == 'pro'",
    )
    swap = ui.button(
        rx.cond(is_text, "Edit as rows", "Edit as text"),
        variant="link",
        size="sm",
        on_click=_state.show_as_text(place),
        disabled=~cell.is_simple,
    )
    parts = rx.foreach(cell.parts, lambda part, at: _comparison(place, part, at))
    add = ui.button("Add comparison", icon="plus", size="sm", variant="ghost", on_click=_state.set_condition(place, -1, "add", ""))
    return ui.stack(rx.cond(is_text, text, ui.stack(parts, rx.el.div(add), gap=2)), rx.el.div(swap), gap=1)


def _comparison(place: Any, part: Any, at: Any) -> rx.Component:
    names = "known-names"
    joiner = rx.el.select(
        rx.el.option("and", value="and"),
        rx.el.option("or", value="or"),
        value=part.joiner,
        on_change=lambda word: _state.set_condition(place, at, "joiner", word),
        aria_label="And or or",
        class_name="af-input af-size-sm af-select af-joiner",
    )
    left = bare_input(label="Value", value=part.left, on_change=lambda text: _state.set_condition(place, at, "left", text), list=names)
    operator = rx.el.select(
        *[rx.el.option(_OPERATOR_WORDS[word], value=word) for word in OPERATORS],
        value=part.operator,
        on_change=lambda word: _state.set_condition(place, at, "operator", word),
        aria_label="Comparison",
        class_name="af-input af-size-sm af-select",
    )
    right = bare_input(
        label="Compared with", value=part.right, on_change=lambda text: _state.set_condition(place, at, "right", text), list=names
    )
    drop = ui.icon_button("x", label="Remove comparison", size="sm", tip=False, on_click=_state.set_condition(place, at, "remove", ""))
    offered = rx.el.datalist(
        rx.foreach(_state.form.variables, lambda variable: rx.el.option(value=variable["path"], label=variable["type"])), id=names
    )
    line = rx.el.div(left, operator, right, drop, class_name="af-comparison")
    return rx.el.div(rx.cond(part.joiner != "", joiner), line, offered, key=at.to_string())


# --- policies --------------------------------------------------------------------------------------------------------------


def _policies() -> rx.Component:
    policy = _state.form.policy
    join = ui.stack(
        _policy_select("Wait", "join", policy.join, _JOINS),
        rx.cond(policy.join == "count", _policy_line("How many paths", "join_count", policy.join_count)),
        gap=3,
    )
    tries = ui.row(
        _policy_line("Attempts", "attempts", policy.attempts),
        _policy_line("First delay (s)", "delay_s", policy.delay_s),
        gap=3,
        class_name="af-even",
    )
    failing = ui.stack(
        tries,
        _policy_line("Time limit (s)", "timeout_s", policy.timeout_s, placeholder="none"),
        _policy_select("If it fails", "on_error", policy.on_error, _ON_ERROR),
        rx.cond(policy.on_error == "default", _policy_line("Default output", "default", policy.default_text, multiline=True)),
        gap=3,
    )
    return ui.stack(rx.cond(policy.has_join, join), rx.cond(policy.can_fail, failing), gap=3)


def _policy_line(label: str, name: str, value: Any, **props: object) -> rx.Component:
    return draft_field(
        label,
        name=f"policy-{name}",
        value=value,
        on_change=lambda text: _state.set_policy(name, text),
        error=_state.errors[f"policy.{name}"],
        disabled=~_state.form.can_edit,
        **props,
    )


def _policy_select(label: str, name: str, value: Any, choices: tuple[tuple[str, str], ...]) -> rx.Component:
    control = rx.el.select(
        *[rx.el.option(words, value=key) for key, words in choices],
        value=value,
        on_change=lambda chosen: _state.set_policy(name, chosen),
        id=f"field-policy-{name}",
        disabled=~_state.form.can_edit,
        class_name="af-input af-select",
    )
    return ui.field(label, control, name=f"policy-{name}")
