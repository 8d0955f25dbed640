"""Form fields: label, help and error around one control, wired for screen readers and password managers."""

from collections.abc import Callable
from typing import Any, Literal

import reflex as rx

from components.ui.base import Event, Flag, Node, Options, Size, Text, classes, given

InputType = Literal["text", "email", "password", "number", "url", "search", "tel", "date", "datetime-local", "time"]


def field(
    label: Text,
    control: Node,
    *,
    name: str,
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: Flag = False,
) -> rx.Component:
    """Wrap any control; its id must be `field-<name>`. `hint` stands right of the label (an example, "optional")."""
    mark: list[Node] = [rx.cond(required, _must(), rx.fragment())] if isinstance(required, rx.Var) else [_must()] if required else []
    side = [rx.el.span(hint, class_name="af-label-hint")] if given(hint) else []
    parts: list[Node] = [rx.el.label(label, *mark, *side, html_for=f"field-{name}", class_name="af-label"), control]
    if given(help):
        parts.append(rx.el.div(help, id=f"help-{name}", class_name="af-help"))
    if given(error):
        parts.append(rx.el.div(error, id=f"error-{name}", class_name="af-error", role="alert"))
    return rx.el.div(*parts, class_name="af-field")


def _must() -> rx.Component:
    star = rx.el.span("*", aria_hidden="true", title="Required", class_name="af-must")
    return rx.fragment(star, rx.el.span("required", class_name="af-sr"))


def _wires(name: str, help: Text, error: Text, required: bool) -> dict[str, Any]:
    told = [f"{kind}-{name}" for kind, text in (("help", help), ("error", error)) if given(text)]
    wires: dict[str, Any] = {"id": f"field-{name}", "name": name}
    if required:  # told, but judged by the service: its words stand at every field at once, the browser's at one
        wires["aria_required"] = True
    if told:
        wires["aria_describedby"] = " ".join(told)
    if given(error):
        wires["aria_invalid"] = rx.cond(error, True, False) if isinstance(error, rx.Var) else True
    return wires


def _text_control(
    make: Callable[..., rx.Component],
    label: Text,
    *,
    name: str,
    value: Text | None,
    on_change: Event | None,
    debounce_ms: int,
    **props: Any,
) -> rx.Component:
    """A labelled text control. Controlled, it must keep what is typed while the server answers; otherwise it is a plain form field."""
    told = {key: props.pop(key) for key in ("help", "error", "hint", "required")}
    shape: dict[str, Any] = {**_wires(name, told["help"], told["error"], told["required"]), **props}
    if value is not None and on_change is not None:
        control = rx.debounce_input(make(value=value, on_change=on_change, **shape), debounce_timeout=debounce_ms)
    else:
        control = make(**shape)
    return field(label, control, name=name, **told)


def text_field(
    label: Text,
    *,
    name: str,
    value: Text | None = None,
    on_change: Event | None = None,
    type: InputType = "text",
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: bool = False,
    size: Size = "md",
    debounce_ms: int = 250,
    **props: Any,
) -> rx.Component:
    """One line of text. Controlled with `value` and `on_change`, otherwise a plain form field."""
    told = {"help": help, "error": error, "hint": hint, "required": required}
    names = classes("af-input", f"af-size-{size}" if size != "md" else "")
    given_value = {"name": name, "value": value, "on_change": on_change, "debounce_ms": debounce_ms}
    return _text_control(rx.el.input, label, type=type, class_name=names, **given_value, **told, **props)


def text_area(
    label: Text,
    *,
    name: str,
    value: Text | None = None,
    on_change: Event | None = None,
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: bool = False,
    rows: int = 4,
    debounce_ms: int = 250,
    **props: Any,
) -> rx.Component:
    """Several lines of text; grows with its content up to a limit."""
    told = {"help": help, "error": error, "hint": hint, "required": required}
    given_value = {"name": name, "value": value, "on_change": on_change, "debounce_ms": debounce_ms}
    return _text_control(rx.el.textarea, label, rows=rows, class_name="af-input af-grow", **given_value, **told, **props)


def options(choices: Options) -> list[Node]:
    """`<option>` elements of (value, label) pairs, or of a Var of {"value", "label"} objects."""
    if isinstance(choices, rx.Var):
        return [rx.foreach(choices, lambda choice: rx.el.option(choice["label"], value=choice["value"]))]
    return [rx.el.option(label, value=value) for value, label in choices]


def select(
    label: Text,
    choices: Options,
    *,
    name: str,
    value: Text | None = None,
    on_change: Event | None = None,
    help: Text = "",
    error: Text = "",
    hint: Text = "",
    required: bool = False,
    **props: Any,
) -> rx.Component:
    """A choice of one; the browser's own list, which works by keyboard and on phones."""
    wires = _wires(name, help, error, required)
    if value is not None:
        wires["value"] = value
    if on_change is not None:
        wires["on_change"] = on_change
    control = rx.el.select(*options(choices), class_name="af-input", **wires, **props)
    return field(label, control, name=name, help=help, error=error, hint=hint, required=required)


def switch(
    label: Text,
    *,
    name: str,
    checked: Flag,
    on_change: Event,
    help: Text = "",
    disabled: Flag = False,
) -> rx.Component:
    """An on/off setting that acts at once; `on_change` gets a bool."""
    wires: dict[str, Any] = {"aria_describedby": f"help-{name}"} if given(help) else {}
    box = rx.el.input(
        type="checkbox",
        role="switch",
        id=f"field-{name}",
        checked=checked,
        on_change=on_change,
        disabled=disabled,
        class_name="af-switch",
        **wires,
    )
    words: list[Node] = [rx.el.label(label, html_for=f"field-{name}", class_name="af-label")]
    if given(help):
        words.append(rx.el.div(help, id=f"help-{name}", class_name="af-help"))
    return rx.el.div(box, rx.el.div(*words), class_name="af-switch-row")


def checkbox(label: Node, *, name: str, checked: Flag, on_change: Event, disabled: Flag = False) -> rx.Component:
    """One of several independent choices; `on_change` gets a bool."""
    box = rx.el.input(
        type="checkbox", id=f"field-{name}", checked=checked, on_change=on_change, disabled=disabled, class_name="af-checkbox"
    )
    return rx.el.label(box, rx.el.span(label), html_for=f"field-{name}", class_name="af-row af-small")


def slider(
    label: Text,
    *,
    name: str,
    value: rx.Var[Any] | float,
    on_change: Event,
    low: float,
    high: float,
    step: float = 1,
    help: Text = "",
    error: Text = "",
) -> rx.Component:
    """A number in a range, shown beside the label; `on_change` gets a float."""
    wires = _wires(name, help, error, False)
    control = rx.el.input(type="range", value=value, on_change=on_change, min=low, max=high, step=step, class_name="af-slider", **wires)
    shown = rx.el.span(value, class_name="af-mono")
    return field(label, control, name=name, help=help, error=error, hint=shown)  # type: ignore[arg-type] - any node may stand there
