"""The sign-up page."""

import reflex as rx

from components import ui
from components.door import door_page
from pages.sign_in.parts import other_ways
from pages.sign_in.state import DoorState


def sign_up_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        ui.post_field("Name", name="name", autocomplete="name", focus=True),
        ui.post_field("E-mail", name="email", type="email", autocomplete="username"),
        ui.post_field(
            "Password",
            name="password",
            type="password",
            autocomplete="new-password",
            help="At least 10 characters. A few unrelated words are easy to remember and hard to guess.",
        ),
        ui.post_submit("Create account"),
        action="/api/v1/auth/sign-up",
    )
    lead = rx.fragment("You get a workspace of your own. Have an account? ", ui.link("Sign in", href=f"/sign-in{DoorState.query}"))
    return door_page(form, other_ways(), title="Create your account", lead=lead)
