"""The sign-in page."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.sign_in.parts import invited_words, just_looking, other_ways
from pages.sign_in.state import DoorState

_state: Any = DoorState  # its attributes are Vars, which the type of the class does not say


def _demo() -> rx.Component:
    return ui.stack(
        rx.cond(_state.providers.length() > 0, rx.fragment(), rx.el.div(rx.el.span("or"), class_name="af-door-or")),
        ui.post_form(ui.post_submit("Use the demo account", quiet=True), action="/api/v1/auth/demo"),
        rx.el.p("No password needed; built-in demo models answer.", class_name="af-help af-door-center"),
        gap=3,
    )


def sign_in_page() -> rx.Component:
    """Render the page."""
    form = ui.post_form(
        ui.post_field("E-mail", name="email", type="email", autocomplete="username", focus=True),
        ui.post_field("Password", name="password", type="password", autocomplete="current-password"),
        rx.el.div(ui.link("Forgot your password?", href="/forgot-password"), class_name="af-small"),
        ui.post_submit("Sign in"),
        action="/api/v1/auth/sign-in",
    )
    company = rx.el.p(
        ui.link("Sign in with your company", href=f"/sign-in/workspace{DoorState.query}"), class_name="af-small af-door-center"
    )
    lead = rx.fragment("New here? ", ui.link("Create an account", href=f"/sign-up{DoorState.query}"))
    done = rx.cond(DoorState.was_reset, ui.callout("Your password is set. Sign in with it.", tone="green"))
    failed = rx.cond(DoorState.failure != "", ui.callout(DoorState.failure, tone="amber"))
    return door_page(
        done,
        failed,
        invited_words(),
        form,
        other_ways(),
        company,
        rx.cond(DoorState.has_demo, _demo(), rx.fragment()),
        just_looking(),
        title="Sign in",
        lead=lead,
    )
