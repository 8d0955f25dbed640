"""The question before a decision of the operators that somebody reads with its reason: on versions, reviews and profiles."""

from typing import Any

import reflex as rx

from components import ui
from components.ui.base import Event, Flag, Node, Text


def reason_dialog(title: Text, *about: Node, act: Text, state: Any, open: Flag, on_open_change: Event, on_confirm: Event) -> rx.Component:
    """`state` has `reason`, `set_reason` and `errors`; `act` is what the button says."""
    reason = ui.text_area(
        "Reason", name="reason", value=state.reason, on_change=state.set_reason, rows=4, error=state.errors["reason"], required=True
    )
    return ui.dialog(
        title,
        ui.stack(ui.muted(*about), reason),
        open=open,
        on_open_change=on_open_change,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button(act, variant="danger", on_click=on_confirm)),
    )
