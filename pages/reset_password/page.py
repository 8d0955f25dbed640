"""The page that the link of a reset letter opens."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.forgot_password.state import LinkState

_state: Any = LinkState  # its attributes are Vars, which the type of the class does not say


def reset_password_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        rx.el.input(type="hidden", name="token", value=_state.token),
        ui.post_field(
            "New password",
            name="password",
            type="password",
            autocomplete="new-password",
            help="At least 10 characters. A few unrelated words are easy to remember and hard to guess.",
            focus=True,
        ),
        ui.post_submit("Set the password"),
        action="/api/v1/auth/reset-password",
    )
    lead = rx.fragment("Every browser is signed out then. Link too old? ", ui.link("Ask for a new one", href="/forgot-password"))
    return door_page(form, title="Choose a new password", lead=lead)
