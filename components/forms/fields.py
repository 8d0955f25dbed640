"""Fields that keep what is being typed while the server answers; forms and the inspector use them instead of controlled inputs."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from components import ui
from components.scripts import script
from components.ui import Event, Flag, Text

_ASSET = script(__name__, "fields.jsx")
script(__name__, "typing.js")  # the editors import it


def text_spec(value: rx.Var[str]) -> tuple[rx.Var[str]]:
    """An event that carries the text itself."""
    return (value,)


def number_spec(value: rx.Var[float]) -> tuple[rx.Var[float]]:
    """An event that carries a number."""
    return (value,)


def flag_spec(value: rx.Var[bool]) -> tuple[rx.Var[bool]]:
    """An event that carries yes or no."""
    return (value,)


class _FieldsAsset(rx.Component):
    library = _ASSET


class DraftInput(_FieldsAsset):
    """An input or textarea with a local draft; `on_change` fires when typing pauses, on blur and on Enter.

    With `on_empty` it may not be left empty: it fires then, the old text comes back, and Enter leaves the field.
    """

    tag = "DraftInput"

    value: rx.Var[str]
    multiline: rx.Var[bool]
    rows: rx.Var[int]
    pause: rx.Var[int]
    type: rx.Var[str]
    name: rx.Var[str]
    placeholder: rx.Var[str]
    disabled: rx.Var[bool]
    max_length: rx.Var[int]
    min: rx.Var[float]
    max: rx.Var[float]
    step: rx.Var[float]
    spell_check: rx.Var[bool]
    auto_focus: rx.Var[bool]
    on_change: rx.EventHandler[text_spec]
    on_enter: rx.EventHandler[rx.event.no_args_event_spec]
    on_empty: rx.EventHandler[rx.event.no_args_event_spec]


class DraftSelect(_FieldsAsset):
    """A select that shows the choice at once; its children are options."""

    tag = "DraftSelect"

    value: rx.Var[str]
    disabled: rx.Var[bool]
    on_change: rx.EventHandler[text_spec]


class DraftSwitch(_FieldsAsset):
    """A switch that moves at once."""

    tag = "DraftSwitch"

    checked: rx.Var[bool]
    disabled: rx.Var[bool]
    on_change: rx.EventHandler[flag_spec]


class DraftSlider(_FieldsAsset):
    """A slider with a local draft; `words` are [upper bound, text] pairs in rising order."""

    tag = "DraftSlider"

    value: rx.Var[float]
    min: rx.Var[float]
    max: rx.Var[float]
    step: rx.Var[float]
    words: rx.Var[list[Any]]
    disabled: rx.Var[bool]
    on_change: rx.EventHandler[number_spec]


class DraftEditor(_FieldsAsset):
    """A text with Send and Cancel."""

    tag = "DraftEditor"

    value: rx.Var[str]
    label: rx.Var[str]
    send_label: rx.Var[str]
    on_send: rx.EventHandler[text_spec]
    on_cancel: rx.EventHandler[rx.event.no_args_event_spec]


class LeaveGuard(_FieldsAsset):
    """Asks before a page with unsaved changes is left."""

    tag = "LeaveGuard"

    active: rx.Var[bool]
    message: rx.Var[str]


class PageKeys(_FieldsAsset):
    """Ctrl/Cmd-S and Escape of a page."""

    tag = "PageKeys"

    on_save: rx.EventHandler[rx.event.no_args_event_spec]
    on_escape: rx.EventHandler[rx.event.no_args_event_spec]


def _wires(name: str, help: Text, error: Text) -> dict[str, Any]:
    """Tie the control to its help and error texts for screen readers."""
    wires: dict[str, Any] = {"id": f"field-{name}"}
    told = [f"{kind}-{name}" for kind, text in (("help", help), ("error", error)) if not isinstance(text, str) or text]
    if told:
        wires["aria_describedby"] = " ".join(told)
    if not isinstance(error, str):
        wires["aria_invalid"] = error != ""
    return wires


def draft_field(
    label: Text,
    *,
    name: str,
    value: Text,
    on_change: Event,
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: bool = False,
    multiline: bool = False,
    **props: Any,
) -> rx.Component:
    """A labelled text field that never loses keystrokes; `on_change(text)`."""
    names = ui.classes("af-input", "af-grow" if multiline else "", props.pop("class_name", ""))
    control = DraftInput.create(
        value=value, on_change=on_change, multiline=multiline, class_name=names, **_wires(name, help, error), **props
    )
    return ui.field(label, control, name=name, help=help, error=error, hint=hint, required=required)


def bare_input(*, label: Text, value: Text, on_change: Event, small: bool = True, **props: Any) -> rx.Component:
    """The field without its frame, for rows of a table-like form; `label` names it for screen readers."""
    names = "af-input af-size-sm" if small else "af-input"
    return DraftInput.create(value=value, on_change=on_change, class_name=names, aria_label=label, **props)


def bare_select(*options: rx.Component, label: Text, value: Text, on_change: Event, small: bool = False, **props: Any) -> rx.Component:
    """A select without its frame that shows the choice at once; `label` names it for screen readers."""
    names = ui.classes("af-input af-select", "af-size-sm" if small else "", props.pop("class_name", ""))
    return DraftSelect.create(*options, value=value, on_change=on_change, class_name=names, aria_label=label, **props)


def bare_switch(*, label: Text, checked: Flag, on_change: Event, **props: Any) -> rx.Component:
    """A switch without its words that moves at once."""
    return DraftSwitch.create(checked=checked, on_change=on_change, class_name="af-switch", aria_label=label, **props)


def number_field(
    label: Text, *, name: str, value: rx.Var[Any], on_change: Event, low: float, high: float, step: float = 1, unit: str = "", **props: Any
) -> rx.Component:
    """A labelled number; `on_change(text)` gets what was typed, the service judges it."""
    return draft_field(label, name=name, value=value, on_change=on_change, type="number", min=low, max=high, step=step, hint=unit, **props)


def slider_field(
    label: Text,
    *,
    name: str,
    value: rx.Var[float],
    on_change: Event,
    low: float,
    high: float,
    step: float,
    words: Sequence[tuple[float, str]] = (),
    help: Text = "",
    error: Text = "",
    disabled: Flag = False,
) -> rx.Component:
    """A slider that says in words what its position means; `on_change(number)`."""
    control = DraftSlider.create(
        value=value,
        on_change=on_change,
        min=low,
        max=high,
        step=step,
        words=[list(pair) for pair in words],
        disabled=disabled,
        **_wires(name, help, error),
    )
    return ui.field(label, control, name=name, help=help, error=error)


def draft_editor(*, value: Text, on_send: Event, on_cancel: Event, label: str, send_label: str = "Send again") -> rx.Component:
    """A text that leaves only by its Send button or Enter; Escape cancels."""
    return DraftEditor.create(value=value, on_send=on_send, on_cancel=on_cancel, label=label, send_label=send_label)


def leave_guard(active: Flag) -> rx.Component:
    """Ask before unsaved changes are lost."""
    return LeaveGuard.create(active=active, message="You have unsaved changes. Leave without saving them?")


def page_keys(*, on_save: Event | None = None, on_escape: Event | None = None) -> rx.Component:
    """Ctrl/Cmd-S and Escape of a page."""
    handlers = {"on_save": on_save, "on_escape": on_escape}
    return PageKeys.create(**{name: handler for name, handler in handlers.items() if handler is not None})
