"""The code field: Python or JSON with line numbers, colours and errors at their line; the inspector uses it."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.fields import text_spec
from components.scripts import script
from components.ui import Event, Flag, Text

_ASSET = script(__name__, "code_editor.jsx")
_CODEMIRROR = [
    "@codemirror/state@6.7.6",
    "@codemirror/view@6.43.15",
    "@codemirror/commands@6.11.1",
    "@codemirror/autocomplete@6.20.4",
    "@codemirror/language@6.13.1",
    "@codemirror/lint@6.9.8",
    "@codemirror/lang-python@6.2.1",
    "@codemirror/lang-json@6.0.2",
    "@lezer/highlight@1.2.5",
]


class CodeEditor(rx.NoSSRComponent):
    """CodeMirror for code; see code_editor.jsx."""

    library = _ASSET
    tag = "CodeEditor"
    lib_dependencies: list[str] = _CODEMIRROR

    value: rx.Var[str]
    language: rx.Var[str]
    revision: rx.Var[Any]
    finding_line: rx.Var[int]
    finding_text: rx.Var[str]
    min_rows: rx.Var[int]
    disabled: rx.Var[bool]
    aria_label: rx.Var[str]
    is_invalid: rx.Var[bool]
    on_change: rx.EventHandler[text_spec]


def code_field(
    label: Text,
    *,
    name: str,
    value: Text,
    on_change: Event,
    language: str,
    revision: rx.Var[Any] | int = 0,
    help: Text = "",
    error: Any = "",
    finding_line: rx.Var[int] | int = 0,
    min_rows: int = 6,
    disabled: Flag = False,
) -> rx.Component:
    """A labelled code editor; `language` is python or json. The error is also shown at `finding_line`."""
    control = CodeEditor.create(
        value=value,
        on_change=on_change,
        language=language,
        revision=revision,
        finding_line=finding_line,
        finding_text=error,
        min_rows=min_rows,
        disabled=disabled,
        aria_label=label,
        is_invalid=error != "" if isinstance(error, rx.Var) else bool(error),
        id=f"field-{name}",
    )
    return ui.field(label, control, name=name, help=help, error=error)
