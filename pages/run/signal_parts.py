"""Cards of the run page: which signals the run waits for, until when, and sending one by hand."""

from typing import Any

import reflex as rx

from components import ui
from pages.run.signal_state import SignalState
from pages.run.state import RunState

_state: Any = SignalState  # its attributes are Vars, which the type of the class does not say
_run: Any = RunState


def signal_cards() -> rx.Component:
    """One card for each signal; nothing for a run that waits for none."""
    is_waiting = (_run.run.status == "waiting") | (_run.run.status == "running")
    return rx.cond(is_waiting, rx.el.div(rx.foreach(_state.items, _card), class_name="af-stack"))


def _card(item: Any) -> rx.Component:
    facts = ui.row(
        ui.muted("since ", item.since),
        rx.cond(item.until != "", ui.muted("goes on without it ", item.until)),
        wrap=True,
    )
    value = rx.el.textarea(
        placeholder="What goes along: JSON or text (optional)",
        aria_label=f"Value of the signal {item.key}",
        rows="2",
        max_length=20_000,
        on_blur=lambda text: _state.set_text(item.key, text),
        class_name="af-input af-textarea",
    )
    problem = _state.errors[item.key]
    send = ui.row(ui.button("Send signal", icon="send", size="sm", on_click=_state.send(item.key)))
    form = ui.stack(value, rx.cond(problem, rx.el.div(problem, class_name="af-error", role="alert")), send, gap=2)
    head = rx.el.h3("Waits for the signal ", rx.el.code(item.key))
    return ui.card(ui.stack(head, facts, rx.cond(_run.facts.can_run, form), gap=3), custom_attrs={"data-signal": item.key})
