"""The inspector: one form for every kind of node, derived from the kind's own description. Edits are made in the browser."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act_with, editor_var
from components.canvas.chrome import fix_buttons
from components.forms import bare_select, bare_switch, draft_field, schema_builder, template_field
from components.forms.code_field import code_field
from pages.workflow.called_parts import called_inputs_field
from pages.workflow.doors_parts import started_by
from pages.workflow.inspector_state import InspectorSchemaState, InspectorState
from pages.workflow.list_parts import list_field
from pages.workflow.model_parts import model_button, model_chips, picked_chips
from pages.workflow.policy_parts import policies

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say
_schema_state: Any = InspectorSchemaState

_LIST_WIDGETS = ("cases", "buttons", "form_fields", "key_values", "values")
_TEMPLATES = ("template", "late_template", "value", "late_value", "condition")


def inspector() -> rx.Component:
    """The form of the selected node."""
    form = _state.form
    doors = rx.cond(form.kind == "start", started_by())
    body = ui.stack(_head(), doors, _problems(), _fields(), _advanced(), policies(), gap=4, class_name="af-inspector-body", key=form.id)
    return rx.el.div(body, class_name="af-inspector", id="inspector")


def _head() -> rx.Component:
    form = _state.form
    identity = draft_field(
        "Name in references",
        name="node-id",
        value=form.id,
        on_change=act_with("renameId", _state.form.id),
        help="Small letters, digits and _. References follow when you rename it.",
        pause=1200,
        max_length=63,
        disabled=~form.can_edit,
        spell_check=False,
        class_name="af-mono",
    )
    return ui.stack(
        ui.muted(form.summary), rx.el.details(rx.el.summary("Other steps refer to it as ", rx.el.code(form.id)), identity), gap=2
    )


def _problems() -> rx.Component:
    """What no field of the form can show; the rest stands at its field."""
    loose = rx.foreach(_state.form.problems, lambda item: rx.cond(item.field == "", _problem(item)))
    return rx.fragment(loose)


def _problem(item: Any) -> rx.Component:
    words = rx.el.span(item.message, " ", ui.muted(item.remedy))
    return rx.cond(item.severity == "error", ui.callout(words, tone="red"), ui.callout(words, tone="amber"))


def _fields() -> rx.Component:
    return ui.stack(rx.foreach(_state.form.rows, lambda row: rx.cond(row.is_advanced, rx.fragment(), _field(row))), gap=4)


def _advanced() -> rx.Component:
    more = rx.foreach(_state.form.rows, lambda row: rx.cond(row.is_advanced, _field(row), rx.fragment()))
    section = rx.el.details(
        rx.el.summary("More settings", class_name="af-summary"), ui.stack(more, gap=4, class_name="af-advanced"), class_name="af-details"
    )
    return rx.cond(_state.form.has_advanced, section)


def _field(row: Any) -> rx.Component:
    """One field by its widget; its own refusal comes before what the checker found."""
    refused = editor_var("fieldErrors", dict[str, str])
    error = rx.cond(refused.contains(row.name), refused[row.name], row.error)
    made = rx.match(
        row.widget,
        *((name, _template(row, error)) for name in _TEMPLATES),
        *((name, list_field(row, error)) for name in _LIST_WIDGETS),
        *((name, _select(row, error)) for name in ("select", "credential", "agent", "node", "workflow", "workflow_version")),
        ("called_inputs", called_inputs_field(row, error)),
        *((name, _area(row, error)) for name in ("textarea", "lines")),
        ("model", model_button(row, error)),
        ("models", model_chips(row, error)),
        *((name, _picks(row, error)) for name in ("tools", "nodes", "agents")),
        ("code", _code(row, error, "python", 8)),
        ("json", _code(row, error, "json", 4)),
        ("toggle", _toggle(row)),
        ("schema", _schema(row, error)),
        _line(row, error),
    )
    fixes = rx.cond(_state.form.can_edit & ~refused.contains(row.name), fix_buttons(row.fixes))
    tone = rx.cond((row.severity == "warning") & ~refused.contains(row.name), "af-stack af-hinted", "af-stack")
    return rx.el.div(made, fixes, key=row.name, class_name=tone, style={"--af-gap": "8px"}, custom_attrs={"data-field": row.name})


def _template(row: Any, error: Any) -> rx.Component:
    return template_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=act_with("field", _state.form.id, row.name),
        variables=_state.form.variables,
        revision=_state.revision,
        help=row.help,
        error=error,
        spots=row.spots,
        min_rows=1,
        max_rows=16,
        disabled=~_state.form.can_edit,
    )


def _code(row: Any, error: Any, language: str, rows: int) -> rx.Component:
    return code_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=act_with("field", _state.form.id, row.name),
        language=language,
        revision=_state.revision,
        help=row.help,
        error=error,
        finding_line=row.line,
        min_rows=rows,
        disabled=~_state.form.can_edit,
    )


def _line(row: Any, error: Any) -> rx.Component:
    return draft_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=act_with("field", _state.form.id, row.name),
        help=row.help,
        error=error,
        placeholder=row.placeholder,
        disabled=~_state.form.can_edit,
    )


def _area(row: Any, error: Any) -> rx.Component:
    return draft_field(
        row.label,
        name=row.name,
        value=row.text,
        on_change=act_with("field", _state.form.id, row.name),
        help=row.help,
        error=error,
        multiline=True,
        rows=4,
        disabled=~_state.form.can_edit,
    )


def _select(row: Any, error: Any) -> rx.Component:
    control = bare_select(
        rx.foreach(row.choices, _option),
        label=row.label,
        value=row.text,
        on_change=act_with("field", _state.form.id, row.name),
        id=f"field-{row.name}",
        disabled=~_state.form.can_edit,
    )
    known = ui.link("Open this agent", href=row.href, class_name="af-link af-small")
    agents = rx.cond(row.href != "", known, ui.link("Open agents", href="/agents", class_name="af-link af-small"))
    new_agent = ui.link("New agent", href="/agents/new", target="_blank", class_name="af-link af-small")
    manage = rx.match(
        row.widget,
        ("agent", ui.row(agents, rx.cond(_state.form.can_edit, new_agent), gap=3)),
        ("workflow", rx.cond(row.text != "", ui.link("Open it", href=f"/workflows/{row.text}", class_name="af-link af-small"))),
        rx.fragment(),
    )
    return ui.stack(ui.field(row.label, control, name=row.name, help=row.help, error=error, required=row.is_required), manage, gap=1)


def _option(choice: Any) -> rx.Component:
    return rx.el.option(choice.label, value=choice.value)


def _toggle(row: Any) -> rx.Component:
    box = bare_switch(
        label=row.label,
        checked=row.is_on,
        on_change=act_with("field", _state.form.id, row.name),
        disabled=~_state.form.can_edit,
        id=f"field-{row.name}",
    )
    words = rx.el.span(rx.el.span(row.label, class_name="af-label"), rx.el.span(row.help, class_name="af-help"), class_name="af-tool-words")
    return rx.el.label(box, words, class_name="af-switch-row af-tool")


def _picks(row: Any, error: Any) -> rx.Component:
    add = rx.el.select(
        rx.el.option("Add…", value=""),
        rx.foreach(row.choices, _option),
        value="",
        on_change=act_with("pick", _state.form.id, row.name),
        id=f"field-{row.name}",
        class_name="af-input af-select",
    )
    return ui.field(row.label, ui.stack(ui.row(picked_chips(row), wrap=True), add, gap=2), name=row.name, help=row.help, error=error)


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
