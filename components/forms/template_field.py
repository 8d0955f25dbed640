"""The template field: Liquid text with variables offered at "{{" and "/"; agent forms and the inspector use it."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.fields import text_spec
from components.scripts import script
from components.ui import Event, Flag, Text

_ASSET = script(__name__, "template_editor.jsx")
_CODEMIRROR = ["@codemirror/state@6.7.6", "@codemirror/view@6.43.15", "@codemirror/commands@6.11.1", "@codemirror/autocomplete@6.20.4"]

FILTERS: list[dict[str, str]] = [
    {"name": "upcase", "detail": "to capitals"},
    {"name": "downcase", "detail": "to small letters"},
    {"name": "capitalize", "detail": "first letter capital"},
    {"name": "strip", "detail": "without blanks around"},
    {"name": "truncate", "detail": "cut to a length"},
    {"name": "replace", "detail": "replace text"},
    {"name": "default", "detail": "value when empty"},
    {"name": "join", "detail": "list to text"},
    {"name": "first", "detail": "first entry"},
    {"name": "last", "detail": "last entry"},
    {"name": "size", "detail": "how many"},
    {"name": "map", "detail": "one field of each entry"},
    {"name": "where", "detail": "entries that fit"},
    {"name": "sort", "detail": "in order"},
    {"name": "round", "detail": "round a number"},
    {"name": "date", "detail": "format a date"},
    {"name": "json", "detail": "as JSON"},
]


class TemplateEditor(rx.NoSSRComponent):
    """CodeMirror for Liquid; see template_editor.jsx."""

    library = _ASSET
    tag = "TemplateEditor"
    lib_dependencies: list[str] = _CODEMIRROR

    value: rx.Var[str]
    revision: rx.Var[Any]
    variables: rx.Var[list[Any]]
    filters: rx.Var[list[Any]]
    spots: rx.Var[list[Any]]
    single_line: rx.Var[bool]
    min_rows: rx.Var[int]
    max_rows: rx.Var[int]
    placeholder: rx.Var[str]
    aria_label: rx.Var[str]
    disabled: rx.Var[bool]
    is_invalid: rx.Var[bool]
    on_change: rx.EventHandler[text_spec]


def template_field(
    label: Text,
    *,
    name: str,
    value: Text,
    on_change: Event,
    variables: rx.Var[Any] | list[dict[str, str]],
    revision: rx.Var[Any] | int = 0,
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: bool = False,
    spots: rx.Var[Any] | list[Any] | None = None,
    single_line: bool = False,
    min_rows: int = 3,
    max_rows: int = 24,
    placeholder: str = "",
    disabled: Flag = False,
) -> rx.Component:
    """A labelled Liquid text; `on_change(text)` fires when typing pauses and on blur.

    `variables` are {"path", "label", "type", "detail", "group"} objects. Change `revision` whenever the text is replaced
    from outside (undo, restore, another node), for otherwise what is being typed wins. `spots` are the [line, column] of findings.
    """
    shape = {"single_line": single_line, "min_rows": min_rows, "max_rows": max_rows, "placeholder": placeholder, "disabled": disabled}
    control = TemplateEditor.create(
        value=value,
        on_change=on_change,
        revision=revision,
        variables=variables,
        filters=FILTERS,
        spots=spots if spots is not None else [],
        aria_label=label,
        is_invalid=error != "" if isinstance(error, rx.Var) else bool(error),
        id=f"field-{name}",
        **shape,
    )
    return ui.field(label, control, name=name, help=help, error=error, hint=hint, required=required)


def bare_template(
    *,
    label: Text,
    value: Text,
    on_change: Event,
    variables: rx.Var[Any],
    revision: rx.Var[Any] | int,
    spots: rx.Var[Any] | list[Any] | None = None,
    disabled: Flag = False,
) -> rx.Component:
    """One line of Liquid without a frame, for rows of a table-like form."""
    shape = {"single_line": True, "disabled": disabled, "class_name": "af-editor-small", "spots": spots if spots is not None else []}
    return TemplateEditor.create(
        value=value, on_change=on_change, revision=revision, variables=variables, filters=FILTERS, aria_label=label, **shape
    )
