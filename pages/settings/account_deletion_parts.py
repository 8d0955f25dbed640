"""The end of one's account, on the profile page: behind its address and the password."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.account_deletion_state import AccountDeletionState
from pages.settings.deletion_parts import obstacles, proof_fields

_state: Any = AccountDeletionState  # its attributes are Vars, which the type of the class does not say


def account_deletion() -> rx.Component:
    """The danger zone; nothing where the account cannot be deleted from here."""
    words = rx.el.div(
        rx.el.div("Delete your account", class_name="af-card-title"),
        rx.el.div("For good, with the workspaces that are yours alone.", class_name="af-muted af-small"),
        class_name="af-grow-1",
        style={"min_width": "240px"},
    )
    button = ui.button("Delete account", variant="danger", icon="trash_2", on_click=_state.ask)
    zone = ui.section("Danger zone", ui.card(ui.row(words, button, wrap=True, gap=4)))
    return rx.fragment(rx.cond(_state.shown.email != "", zone), _dialog())


def _dialog() -> rx.Component:
    body = rx.cond(
        _state.shown.obstacles.length() > 0, ui.stack(obstacles(_state.shown.obstacles), gap=4), ui.stack(_what_goes(), _form(), gap=4)
    )
    return ui.dialog("Delete your account?", body, open=_state.is_open, on_open_change=_state.close, width="500px")


def _what_goes() -> rx.Component:
    alone = ui.muted("Deleted with it, at once and without a way back: ", _state.deletes, ".", small=False)
    shared = ui.muted("You leave ", _state.leaves, "; what you own there goes to an owner.", small=False)
    rest = "You are signed out everywhere and your keys stop working. Reviews stay under “Deleted account”. Your address is free again."
    return ui.stack(rx.cond(_state.deletes != "", alone), rx.cond(_state.leaves != "", shared), ui.muted(rest, small=False), gap=2)


def _form() -> rx.Component:
    return ui.post_form(
        ui.post_field("E-mail address of your account", name="email", help="Type it, so that nothing happens by mistake."),
        *proof_fields(_state.shown),
        ui.post_submit("Delete my account", danger=True),
        action="/api/v1/users/me/delete",
    )
