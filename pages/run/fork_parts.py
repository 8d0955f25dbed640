"""The dialog that runs a run again from some point."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.answers import answer_input
from pages.run.fork_state import ForkState

_state: Any = ForkState  # its attributes are Vars, which the type of the class does not say


def fork_dialog() -> rx.Component:
    """Asks for the version and the value, and says what will be kept."""
    asked = _state.asked
    body = ui.stack(
        rx.foreach(_state.fields, _question),
        rx.cond(asked.has_value, _value_field()),
        rx.cond(asked.how != "given", _version()),
        rx.cond(_state.errors[""], rx.el.div(_state.errors[""], class_name="af-error", role="alert", id="fork-problem")),
        _preview(),
        gap=4,
    )
    return ui.dialog(
        asked.title,
        body,
        description=asked.help,
        open=_state.is_open,
        on_open_change=_state.set_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button(
                "Continue in a new run", icon="play", variant="primary", on_click=_state.start, loading=_state.is_starting, id="fork-start"
            ),
        ),
        width="620px",
    )


def _question(field: Any) -> rx.Component:
    return answer_input(field, prefix="fork", on_answer=_state.answer, error=_state.errors[field.name])


def _value_field() -> rx.Component:
    return ui.text_area(
        rx.cond(_state.asked.is_plain, "Text", "Value (JSON)"),
        name="fork-value",
        value=_state.text,
        on_change=_state.set_text,
        error=_state.errors["value"],
        rows=10,
        debounce_ms=400,
        spell_check=False,
    )


def _version() -> rx.Component:
    choices = (("same", "As it was then"), ("current", "As it is now"))
    chosen = ui.segmented(choices, value=_state.version, on_change=_state.set_version, label="Version of the workflow")
    return rx.el.div(rx.el.div("Version of the workflow", class_name="af-label"), chosen, class_name="af-field")


def _preview() -> rx.Component:
    item = _state.preview
    dropped = rx.foreach(item.dropped, lambda line: rx.el.li(line))
    return rx.cond(
        item.again != "",
        ui.callout(
            rx.el.div(item.kept),
            rx.el.div(item.again),
            rx.cond(item.changed != "", rx.el.div(item.changed)),
            rx.cond(item.dropped.length() > 0, rx.el.div("Dropped, for they do not fit the version:", rx.el.ul(dropped))),
            rx.cond(item.is_dry, rx.el.div("It stays a dry run: nothing is changed outside.")),
            tone="neutral",
            icon="git_fork",
        ),
    )
