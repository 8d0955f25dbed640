"""The page that asks for the code of the authenticator app, after the password."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.forgot_password.state import LinkState

_state: Any = LinkState  # its attributes are Vars, which the type of the class does not say


def code_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        ui.post_field(
            "Code",
            name="code",
            autocomplete="one-time-code",
            help="Six digits of your authenticator app, or one of your recovery codes.",
            focus=True,
        ),
        ui.post_submit("Sign in"),
        action="/api/v1/auth/second-factor",
    )
    lead = rx.fragment("Your password was right. ", ui.link("Start again", href=f"/sign-in{_state.query}"))
    return door_page(form, title="Enter your code", lead=lead)
