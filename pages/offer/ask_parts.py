"""The questions of an install or update: which credential to use for each that the package names."""

from typing import Any

import reflex as rx

from components import ui
from pages.offer.ask_state import AskState
from pages.offer.state import OfferState

_state: Any = AskState
NOT_YET = "It does not run here before that."


def credential_questions() -> rx.Component:
    """One choice for each; nothing where the package names none."""

    def one(ask: Any) -> rx.Component:
        choice = ui.select(
            ask.label,
            ask.choices,
            name=f"credential-{ask.name}",
            value=_state.picks[ask.name],
            on_change=lambda value: _state.pick(ask.name, value),
            help=ask.note,
            error=_state.errors[f"credentials.{ask.name}"],
        )
        make = ui.link("Create one", href=ask.new_href, class_name="af-small")
        nobody = ui.muted("An admin can add one under Settings, Credentials.")
        return ui.stack(choice, rx.cond(ask.new_href != "", make, rx.cond(ask.choices.length() == 1, nobody, rx.fragment())), gap=1)

    later = ui.muted("What is left for later is asked for before the first run. The creator never sees your keys.")
    shown = ui.section("Which credentials it uses", ui.stack(rx.foreach(_state.asks, one), later, gap=4))
    return rx.cond(ui.length_of(_state.asks) > 0, shown, rx.fragment())


def credentials_offer() -> rx.Component:
    """The way to the choice for what is sealed and installed: it has no steps to choose in."""
    offer: Any = OfferState.offer
    button = ui.button("Credentials it uses", wide=True, icon="key_round", on_click=_state.ask)
    lines = rx.foreach(offer.lacks, lambda told: ui.callout(told, tone="amber", icon="key_round"))
    told = rx.cond(ui.length_of(offer.lacks) > 0, ui.stack(lines, ui.muted(NOT_YET), gap=2), rx.fragment())
    return ui.stack(told, rx.cond(offer.has_asks & offer.can_install, button, rx.fragment()), gap=2)


def credentials_dialog() -> rx.Component:
    """The same choice after the install."""
    return ui.dialog(
        f"Credentials of {OfferState.card.name}",  # type: ignore[attr-defined]
        credential_questions(),
        open=_state.is_open,
        on_open_change=_state.set_open,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Save", variant="primary", on_click=[_state.save, OfferState.look_again])),
        width="520px",
        asked_by="keys",
    )
