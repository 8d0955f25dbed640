"""The ways in through other providers, on the sign-in and the sign-up page; nothing where the installation has none."""

from typing import Any

import reflex as rx

from components import ui
from pages.sign_in.state import DoorState

_state: Any = DoorState  # its attributes are Vars, which the type of the class does not say


def other_ways() -> rx.Component:
    """A button for each."""
    return rx.cond(
        _state.providers.length() > 0,
        ui.stack(rx.el.div(rx.el.span("or"), class_name="af-door-or"), rx.foreach(_state.providers, _provider), gap=3),
    )


def _provider(provider: Any) -> rx.Component:
    return ui.post_form(ui.post_submit(f"Continue with {provider['label']}", quiet=True), action=provider["action"])
