"""The settings of a webhook as a form."""

from typing import Any

import reflex as rx

from components import ui
from pages.webhook.settings_state import WebhookSettingsState
from pages.webhook.state import WebhookState
from pages.webhooks.present import AUTH_WORDS

_state: Any = WebhookSettingsState  # its attributes are Vars, which the type of the class does not say
_hook: Any = WebhookState.hook
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REPLIES = (("accepted", "202 at once, the run goes on behind it"), ("result", "The result (or the Respond step), waited for"))
MODES = (
    ("fields", "Fields of the body and query, by name"),
    ("mapping", "Templates, one per input"),
    ("request", "The whole request: method, headers, query, body, raw body"),
)


def settings_tab() -> rx.Component:
    """The form, or a note for who may not edit."""
    return rx.cond(_hook.can_edit, _form(), ui.callout("Only who may edit sees the settings."))


def _text(label: str, name: str, **options: Any) -> rx.Component:
    return ui.text_field(
        label,
        name=name.replace("_", "-"),
        value=_state.draft.get(name, ""),
        on_change=lambda value: _state.set_value(name, value),
        error=_state.errors.get(name, ""),
        **options,
    )


def _choice(label: str, name: str, choices: Any, **options: Any) -> rx.Component:
    return ui.select(
        label,
        choices,
        name=name.replace("_", "-"),
        value=_state.draft.get(name, ""),
        on_change=lambda value: _state.set_value(name, value),
        error=_state.errors.get(name, ""),
        **options,
    )


def _form() -> rx.Component:
    draft = _state.draft
    needs_header = (draft.get("auth", "") == "secret") | (draft.get("auth", "") == "hmac")
    proof = _section(
        "Proof",
        _choice("How callers prove themselves", "auth", tuple(AUTH_WORDS.items())),
        rx.cond(needs_header, _text("Header that carries it", "auth_header", max_length=80)),
        _text("Header with the message's id", "key_header", help="A repeated id is answered again and starts nothing.", max_length=80),
        _methods(),
    )
    wait = _text("Seconds to wait at most", "wait_s", help="Then the answer is 202.", type="number")
    answer = _section(
        "Answer",
        _choice("What the caller gets", "reply", REPLIES),
        rx.cond(draft.get("reply", "") == "result", wait),
    )
    inputs = _section(
        "Inputs", _choice("What becomes of the request", "input_mode", MODES), rx.cond(draft.get("input_mode", "") == "mapping", _mapping())
    )
    limits = ui.section(
        "Limits", ui.grid(_text("Largest body, bytes", "max_bytes"), _text("Requests a minute", "rate_per_minute"), min_width="200px")
    )
    buttons = ui.row(
        ui.button("Save", type="submit", variant="primary", loading=_state.is_saving, disabled=~_state.is_dirty),
        rx.cond(_state.is_dirty, ui.button("Discard", on_click=_state.discard)),
    )
    name = _text("Name", "name", max_length=120)
    return rx.el.form(ui.stack(name, proof, answer, inputs, limits, buttons, gap=5), on_submit=_state.save, class_name="af-form-column")


def _section(title: str, *fields: ui.Node) -> rx.Component:
    return ui.section(title, ui.stack(*fields, gap=4))


def _methods() -> rx.Component:
    boxes = [
        ui.checkbox(
            method,
            name=f"method-{method.lower()}",
            checked=_state.methods.contains(method),
            on_change=lambda is_on, method=method: _state.toggle_method(method, is_on),
        )
        for method in METHODS
    ]
    error = _state.errors.get("methods", "")
    return ui.stack(
        rx.el.div("Methods", class_name="af-label"),
        ui.row(*boxes, gap=4, wrap=True),
        rx.cond(error != "", rx.el.div(error, class_name="af-error", role="alert")),
        gap=1,
    )


def _mapping() -> rx.Component:
    none = ui.muted("The workflow's Start step asks for nothing yet. The Test tab can add the fields of a caught request.")
    error = _state.errors.get("mapping", "")
    return ui.stack(
        rx.cond(_state.fields.length() > 0, rx.foreach(_state.fields, _mapped), none),
        ui.muted("Such as {{ body.customer.email }}, {{ query.id }} or {{ headers['x-event'] }}. A reference alone keeps its type."),
        rx.cond(error != "", rx.el.div(error, class_name="af-error", role="alert")),
    )


def _mapped(item: Any) -> rx.Component:
    name = item["name"]
    box = rx.el.input(
        value=_state.mapping.get(name, ""),
        on_change=lambda value: _state.set_mapping(name, value),
        class_name="af-input af-mono",
        id=f"map-{name}",
        placeholder=f"{{{{ body.{name} }}}}",
    )
    label = rx.el.label(item["label"], rx.el.span(item["type"], class_name="af-label-hint"), html_for=f"map-{name}", class_name="af-label")
    return rx.el.div(label, rx.debounce_input(box, debounce_timeout=250), class_name="af-field")
