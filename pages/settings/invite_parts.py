"""The dialog that invites people, shared by the pages of members and invitations."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.invitations_state import InvitationsState

_state: Any = InvitationsState  # its attributes are Vars, which the type of the class does not say


def invite_button() -> rx.Component:
    """Opens the dialog."""
    return ui.button("Invite people", icon="user_plus", variant="primary", on_click=_state.begin)


def invite_dialog() -> rx.Component:
    """By e-mail or by link, with a role."""
    send = ui.button(
        rx.cond(_state.way == "link", "Create link", "Send invitations"), variant="primary", type="submit", custom_attrs={"form": "invite"}
    )
    return ui.dialog(
        "Invite people",
        rx.el.form(_fields(), on_submit=_state.invite, id="invite"),
        open=_state.is_inviting,
        on_open_change=_state.set_inviting,
        footer=(ui.dialog_close(ui.button("Cancel")), send),
        width="520px",
    )


def _fields() -> rx.Component:
    way = ui.segmented((("email", "By e-mail"), ("link", "By link")), value=_state.way, on_change=_state.choose_way, label="How to invite")
    emails = ui.text_area(
        "E-mail addresses",
        name="emails",
        value=_state.emails,
        on_change=_state.set_emails,
        error=_state.errors.get("emails", ""),
        help="Several at once, separated by commas or lines. Each letter works once, for its address, for 7 days.",
        rows=3,
    )
    link = ui.callout(
        "The link lets in one person, whoever opens it first, within 7 days. Pass it on as carefully as a password.", tone="amber"
    )
    role = ui.select(
        "Role", _state.roles, name="role", value=_state.role, on_change=_state.choose_role, error=_state.errors.get("role", "")
    )
    return ui.stack(way, rx.cond(_state.way == "link", link, emails), role, gap=4)


def made_dialog() -> rx.Component:
    """The link, this once."""
    line = rx.el.div(
        rx.el.code(_state.made_url, class_name="af-copy-text"),
        ui.copy_button(_state.made_url, label="Copy link"),
        class_name="af-copy-line",
    )
    note = ui.callout("The link is shown this once. It works for one person, for 7 days.", tone="amber", icon="key_round")
    return ui.dialog(
        "The invitation link is ready",
        ui.stack(line, note, gap=3),
        open=_state.made_url != "",
        on_open_change=_state.forget_link,
        footer=(ui.dialog_close(ui.button("Done", variant="primary")),),
        width="560px",
    )
