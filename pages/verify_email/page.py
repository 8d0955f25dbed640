"""The page that the link of a verification letter opens."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.verify_email.state import VerifyState

_state: Any = VerifyState  # its attributes are Vars, which the type of the class does not say


def verify_email_page() -> rx.Component:
    """Render the page."""
    done = ui.callout(rx.el.strong(_state.email), " is confirmed.", tone="green")
    again = ui.callout(_state.problem, " Profile settings send another letter.", tone="amber")
    body = rx.cond(_state.is_loading, ui.skeleton_rows(1), rx.cond(_state.problem != "", again, done))
    go = ui.link_button("Go to Agent Factory", href="/", variant="primary", size="lg", wide=True)
    return door_page(ui.stack(body, go, gap=4), title="Your e-mail address", lead="So that letters reach you and nobody else.")
