"""The page that an invitation's link opens."""

from typing import Any

import reflex as rx

from components import ui
from components.door import door_page
from pages.invite.state import InviteState

_state: Any = InviteState  # its attributes are Vars, which the type of the class does not say


def invite_page() -> rx.Component:
    """Render the page."""
    over = ui.stack(
        ui.callout(_state.problem, tone="amber", title="This invitation was used, withdrawn or is too old. "),
        ui.link_button("Go to Agent Factory", href="/", size="lg", wide=True),
        gap=4,
    )
    declined = ui.stack(
        ui.callout(
            "The invitation to ", rx.el.strong(_state.workspace), " has ended. Whoever sent it can see that.", title="You declined. "
        ),
        ui.link_button("Go to Agent Factory", href="/", size="lg", wide=True),
        gap=4,
    )
    offer = rx.cond(_state.is_declined, declined, rx.cond(_state.is_loading, ui.skeleton_rows(2), _offer()))
    body = rx.cond(_state.problem != "", over, offer)
    lead = rx.cond(
        _state.workspace != "",
        rx.fragment(rx.el.strong(_state.invited_by), " invites you to work together."),
        "Links are good for one person and for a while.",
    )
    title = rx.cond(_state.problem != "", "This link opens nothing", rx.cond(_state.is_member, "You are in already", "You are invited"))
    return door_page(body, title=title, lead=rx.cond(_state.is_member & (_state.problem == ""), "Open the workspace to go on there.", lead))


def _offer() -> rx.Component:
    space = ui.card(
        rx.el.div(_state.workspace, class_name="af-card-title"),
        rx.el.div("Your role: ", rx.el.strong(_state.role), class_name="af-small"),
        rx.el.div(_state.role_help, class_name="af-muted af-small"),
    )
    return ui.stack(space, rx.cond(_state.me.email == "", _visitor(), _signed_in()), gap=5)


def _visitor() -> rx.Component:
    bound = ui.callout("Use the address ", rx.el.strong(_state.email_hint), ", to which the invitation was sent.")
    return ui.stack(
        rx.cond(_state.email_hint != "", bound),
        ui.link_button("Create an account", href=f"/sign-up{_state.query}", variant="primary", size="lg", wide=True),
        ui.link_button("I have an account", href=f"/sign-in{_state.query}", size="lg", wide=True),
        gap=3,
    )


def _signed_in() -> rx.Component:
    who = ui.row(
        ui.avatar(_state.me.initials, size=34),
        rx.el.div(
            rx.el.div(_state.me.name, class_name="af-card-title"),
            rx.el.div(_state.me.email, class_name="af-muted af-small"),
            class_name="af-grow-1",
        ),
        gap=3,
    )
    other = ui.callout(
        "This invitation is for ",
        rx.el.strong(_state.email_hint),
        ". If that mailbox is yours too, sign out and open the link again. Else ask for one to ",
        rx.el.strong(_state.me.email),
        ".",
        tone="amber",
    )
    out = ui.button("Sign out", size="lg", wide=True, on_click=rx.call_script(_SIGN_OUT))
    accept = ui.button(
        rx.cond(_state.is_member, "Open the workspace", "Accept and join"), variant="primary", size="lg", wide=True, on_click=_state.accept
    )
    decline = ui.confirm(
        "Decline this invitation?",
        description="It ends, and the workspace sees that. To join later you need another one.",
        confirm_label="Decline",
        on_confirm=_state.decline,
        trigger=ui.button("Decline", size="lg", wide=True, variant="ghost"),
    )
    is_bound = (_state.email_hint != "") & ~_state.is_member
    mine = ui.stack(accept, rx.cond(is_bound, decline), gap=3)
    return ui.stack(who, rx.cond(_state.is_for_me, mine, ui.stack(other, out, gap=3)), gap=4)


_SIGN_OUT = """fetch("/api/v1/auth/sign-out", {method: "POST", headers: {"Content-Type": "application/json"}, body: "{}"})
.then(() => { window.sessionStorage.removeItem("token"); window.location.reload() })"""
