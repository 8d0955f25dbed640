"""The end of one's account, on the profile page: behind its address and the password."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.account_deletion_state import AccountDeletionState
from pages.settings.deletion_parts import danger_zone, deletion_dialog, proof_fields

_state: Any = AccountDeletionState  # its attributes are Vars, which the type of the class does not say


def account_deletion() -> rx.Component:
    """The danger zone; nothing where the account cannot be deleted from here."""
    button = ui.button("Delete account", variant="danger", icon="trash_2", on_click=_state.ask)
    zone = danger_zone("Delete your account", "For good, with the workspaces that are yours alone.", button)
    dialog = deletion_dialog(_state, "Delete your account?", ui.stack(_what_goes(), _form(), gap=4))
    return rx.fragment(rx.cond(_state.shown.email != "", zone), dialog)


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
