"""The profile: how the person is called."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell import loaded, settings_page
from pages.outbox.parts import outbox_words
from pages.settings.account_deletion_parts import account_deletion
from pages.settings.memberships_parts import memberships
from pages.settings.memberships_state import MembershipsState
from pages.settings.profile_state import ProfileState

_state: Any = ProfileState  # its attributes are Vars, which the type of the class does not say


def profile_page() -> rx.Component:
    """Render the page."""
    notes = rx.fragment(rx.cond(_state.needs_proof, _proof()), rx.cond(_state.closed != "", ui.callout(_state.closed)))
    body = loaded(
        _state,
        ui.stack(notes, _card(), memberships(), account_deletion(), gap=4),
        rows=3,
        also=(MembershipsState.load,),
    )
    return settings_page(body, active="profile", title="Profile", description="How colleagues see you, in every workspace.")


def _card() -> rx.Component:
    me = SessionState.me
    words = rx.el.div(
        rx.el.div(me.name, class_name="af-card-title af-truncate"),
        rx.el.div(me.email, class_name="af-muted af-small af-truncate"),
        class_name="af-grow-1",
    )
    out = ui.button("Sign out", icon="log_out", on_click=rx.call_script("window.dispatchEvent(new Event('af:sign-out'))"))
    name = ui.text_field(
        "Name",
        name="name",
        value=_state.name,
        on_change=_state.set_name,
        error=_state.errors.get("name", ""),
        autocomplete="name",
        disabled=_state.closed != "",
        max_length=80,
    )
    save = ui.button("Save", type="submit", variant="primary", disabled=_state.closed != "")
    form = rx.el.form(ui.stack(name, ui.row(save)), on_submit=_state.save, class_name="af-narrow")
    return ui.card(ui.stack(ui.row(ui.avatar(me.initials, size=40), words, out, gap=3), ui.divider(), form, gap=5))


def _proof() -> rx.Component:
    again = ui.button("Send the letter again", size="sm", on_click=_state.prove_address)
    told = "Open the link of the letter that was written to you, so that a forgotten password can be reset. "
    where = rx.cond(_state.has_outbox, outbox_words(), rx.fragment())
    return ui.callout(where, told, again, tone="amber", title="Your e-mail address is not confirmed. ")
