"""The list of one's own workspaces, on the profile page: each can be left."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.memberships_state import MembershipsState

_state: Any = MembershipsState  # its attributes are Vars, which the type of the class does not say


def memberships() -> rx.Component:
    """Every workspace with the role held there, also those that open through their own provider alone."""
    question = ui.confirm(
        rx.fragment("Leave “", _state.pending.name, "”?"),
        description="You lose access at once, and somebody there has to invite you to come back. What you own there goes to an owner.",
        confirm_label="Leave",
        on_confirm=_state.leave,
        open=_state.pending.id != "",
        on_open_change=_state.close,
    )
    lines = rx.el.ul(rx.foreach(_state.spaces, _line), class_name="af-plain-list af-stack", aria_label="Your workspaces")
    return rx.fragment(ui.section("Your workspaces", ui.card(lines)), question)


def _line(space: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(space.name, class_name="af-card-title af-truncate"),
        rx.el.div(space.role, rx.cond(space.is_current, " · open now", ""), class_name="af-muted af-small"),
        class_name="af-grow-1",
    )
    leave = ui.button("Leave", icon="log_out", size="sm", on_click=_state.ask(space.id), aria_label=f"Leave {space.name}")
    return rx.el.li(ui.avatar(space.initials, size=32, square=True), words, leave, class_name="af-row", key=space.id)
