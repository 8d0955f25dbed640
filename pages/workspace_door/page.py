"""The page that leads to a workspace's own provider: by its address, or by the domain of a work address."""

from typing import Any

import reflex as rx

from app.core.destinations import OWN_ACCOUNT
from components import ui
from components.door import door_page
from pages.workspace_door.state import WorkspaceDoorState

_state: Any = WorkspaceDoorState  # its attributes are Vars, which the type of the class does not say


def workspace_door_page() -> rx.Component:
    """Render the page."""
    why = ui.callout("Your workspace opens through ", rx.el.strong(_state.name), " alone. Nothing else is asked of you here.", tone="blue")
    own = rx.el.p(
        "Only your own account? ",
        ui.link("Sign in to your profile, security and sessions", href=f"/sign-in?next={OWN_ACCOUNT}"),
        class_name="af-small af-door-center",
    )
    known = ui.stack(
        rx.cond(_state.is_required, why),
        ui.post_form(ui.post_submit(f"Continue with {_state.name}"), action=_state.action),
        rx.cond(_state.is_required, own),
        gap=4,
    )
    by_address = ui.post_form(
        ui.post_field("Work e-mail", name="email", type="email", autocomplete="email", focus=True),
        ui.post_submit("Continue"),
        action="/api/v1/auth/workspace",
    )
    gone = rx.cond(_state.problem != "", ui.callout(_state.problem, tone="amber"))
    body = rx.cond(_state.is_loading, ui.skeleton_rows(1), rx.cond(_state.name != "", known, ui.stack(gone, by_address, gap=4)))
    lead = rx.fragment("Through the provider of your workspace. ", ui.link("Other ways to sign in", href=f"/sign-in{_state.query}"))
    return door_page(body, title="Sign in with your company", lead=lead)
