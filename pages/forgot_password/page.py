"""The page for a forgotten password."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.forgot_password.state import LinkState
from pages.outbox.parts import outbox_words

_state: Any = LinkState  # its attributes are Vars, which the type of the class does not say


def forgot_password_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        ui.post_field("E-mail", name="email", type="email", autocomplete="username", focus=True),
        ui.post_submit("Send the link"),
        action="/api/v1/auth/forgot-password",
    )
    told = "If there is an account with this address, a letter with a link was written. The link works once, for an hour."
    sent = ui.stack(
        ui.callout(rx.cond(_state.has_outbox, outbox_words(), rx.el.strong("Look into your mailbox. ")), told, tone="green"),
        ui.link_button("Back to sign in", href="/sign-in", size="lg", wide=True),
        gap=4,
    )
    lead = rx.fragment("We send you a link to choose a new one. ", ui.link("Back to sign in", href="/sign-in"))
    return door_page(rx.cond(_state.is_sent, sent, form), title="Forgot your password?", lead=lead)
