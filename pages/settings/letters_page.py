"""Which letters a person gets."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.letters_state import LettersState

_state: Any = LettersState  # its attributes are Vars, which the type of the class does not say


def letters_page() -> rx.Component:
    """Render the page."""
    none = ui.callout("This installation sends no e-mail. Your choice counts once it does.", tone="amber")
    mine = ui.stack(rx.foreach(_state.mine, _choice), gap=5)
    bought = ui.stack(rx.foreach(_state.bought, _choice), gap=5)
    choices = ui.stack(rx.foreach(_state.choices, _choice), gap=5)
    sent = ui.muted("They go to ", rx.el.strong(_state.address), ", for the workspaces that you own or administer.")
    always = ui.muted("Letters about your account, your role, your removal from a workspace, your plan and what you pay for always come.")
    shown = ui.stack(
        rx.cond(_state.sends_mail, rx.fragment(), none),
        ui.card(ui.section("What others share with you", mine)),
        ui.card(ui.section("What you have installed", bought)),
        ui.card(ui.section("What your listings do", ui.stack(sent, choices, gap=4))),
        always,
        gap=4,
    )
    about = "Letters you get by e-mail. Each has a link that ends its kind."
    return settings_page(loaded(_state, shown, rows=4), active="letters", title="Notifications", description=about)


def _choice(one: Any) -> rx.Component:
    return ui.switch(
        one.label,
        name=f"letters-{one.kind}",
        checked=one.is_on,
        on_change=lambda is_on: _state.choose(one.kind, is_on),
        help=one.about,
    )
