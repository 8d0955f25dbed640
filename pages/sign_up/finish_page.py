"""The page that the link of a sign-up's letter opens."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.forgot_password.state import LinkState

_state: Any = LinkState  # its attributes are Vars, which the type of the class does not say


def finish_sign_up_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        rx.el.input(type="hidden", name="token", value=_state.token),
        ui.post_field(
            "Password",
            name="password",
            type="password",
            autocomplete="current-password",
            help="The one you chose when you signed up. It shows that it was you.",
            focus=True,
        ),
        ui.post_submit("Open the account"),
        action="/api/v1/auth/sign-up/finish",
    )
    lead = rx.fragment("Your address is confirmed. Link too old? ", ui.link("Sign up again", href=f"/sign-up{_state.query}"))
    return door_page(form, title="Finish your account", lead=lead)
