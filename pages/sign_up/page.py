"""The sign-up page."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.outbox.parts import outbox_words
from pages.sign_in.parts import invited_words, just_looking, other_ways
from pages.sign_in.state import DoorState

_state: Any = DoorState  # its attributes are Vars, which the type of the class does not say


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
    sent = ui.stack(
        ui.callout(
            rx.cond(_state.has_outbox, outbox_words(), rx.el.strong("Look into your mailbox. ")),
            "A letter was written to the address you gave. Open its link within a day to finish. ",
            rx.cond(_state.has_outbox, "", "Nothing there? Look among the spam."),
            tone="green",
        ),
        ui.link_button("Back to sign in", href="/sign-in", size="lg", wide=True),
        gap=4,
    )
    space = rx.cond(_state.invited_to != "", "", "You get a workspace of your own. ")
    lead = rx.fragment(space, "Have an account? ", ui.link("Sign in", href=f"/sign-in{DoorState.query}"))
    return door_page(
        rx.cond(_state.is_sent, sent, rx.fragment(invited_words(), form, other_ways(), just_looking())),
        title=rx.cond(_state.is_sent, "One more step", "Create your account"),
        lead=rx.cond(_state.is_sent, "So that nobody opens an account with an address that is not theirs.", lead),
    )
