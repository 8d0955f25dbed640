"""The question for an appeal: what a seller or the author of a review says about a decision of the operators, once."""

from typing import Any

import reflex as rx

from components import ui
from components.ui.base import Text


def appeal_dialog(title: Text, *, state: Any) -> rx.Component:
    """The dialog of a state of `pages.appealing`."""
    text = ui.text_area(
        "What should be looked at again?",
        name="appeal",
        value=state.text,
        on_change=state.set_text,
        rows=5,
        error=state.errors["appeal"],
        required=True,
    )
    return ui.dialog(
        title,
        ui.stack(ui.muted("You may answer once. Somebody looks at it again, and that decision stands."), text),
        open=state.asked != "",
        on_open_change=state.set_open,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Send", variant="primary", on_click=state.send)),
    )
