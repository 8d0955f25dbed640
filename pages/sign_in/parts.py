"""What sign-in and sign-up have in common: the invitation that is answered, and the ways in through other providers."""

from typing import Any

import reflex as rx

from components import ui
from pages.sign_in.state import DoorState

_state: Any = DoorState  # its attributes are Vars, which the type of the class does not say


def invited_words() -> rx.Component:
    """Which invitation is being answered, for who came from its page."""
    address = rx.cond(_state.invited_as != "", rx.fragment(" Use the address ", rx.el.strong(_state.invited_as), "."))
    told = ui.callout(rx.el.strong(_state.invited_by), " invites you to ", rx.el.strong(_state.invited_to), ".", address)
    return rx.cond(_state.invited_to != "", told)


def other_ways() -> rx.Component:
    """A button for each."""
    return rx.cond(
        _state.providers.length() > 0,
        ui.stack(rx.el.div(rx.el.span("or"), class_name="af-door-or"), rx.foreach(_state.providers, _provider), gap=3),
    )


def _provider(provider: Any) -> rx.Component:
    return ui.post_form(ui.post_submit(f"Continue with {provider['label']}", quiet=True), action=provider["action"])


def just_looking() -> rx.Component:
    """The way to what can be seen without an account, where visitors are let in."""
    way = rx.el.p("Just looking? ", ui.link("Browse the marketplace", href="/marketplace"), class_name="af-small af-muted af-door-center")
    return rx.cond(_state.has_market, way, rx.fragment())
