"""The list of one's own workspaces, on the profile page: each can be left."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded
from pages.settings.memberships_state import MembershipsState

_state: Any = MembershipsState  # its attributes are Vars, which the type of the class does not say


def memberships() -> rx.Component:
    """Every workspace with the role held there, also those that open through their own provider alone."""
    question = ui.confirm(
        rx.fragment("Leave “", _state.pending.name, "”?"),
        description="You lose access at once, your API keys of it end for good, and somebody there has to invite you to come back. "
        "What you own there goes to an owner. Without another workspace you get an empty one of your own.",
        confirm_label="Leave",
        on_confirm=_state.leave,
        open=_state.pending.id != "",
        on_open_change=_state.close,
    )
    lines = rx.el.ul(rx.foreach(_state.spaces, _line), class_name="af-plain-list af-stack", aria_label="Your workspaces")
    return rx.fragment(ui.section("Your workspaces", loaded(_state, ui.card(lines), rows=1)), _deleted(), question)


def _deleted() -> rx.Component:
    """Those that were deleted, while they can be restored."""
    lines = rx.el.ul(rx.foreach(_state.deleted, _deleted_line), class_name="af-plain-list af-stack", aria_label="Deleted workspaces")
    note = ui.muted(
        "A restored workspace is as it was: members, keys and schedules. Its listings stay off the shelf until you list them again."
    )
    return rx.cond(_state.deleted.length() > 0, ui.section("Deleted workspaces", ui.card(ui.stack(lines, note, gap=4))))


def _deleted_line(space: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(space.name, class_name="af-card-title af-truncate"),
        rx.el.div(space.note, class_name="af-muted af-small"),
        class_name="af-grow-1",
    )
    restore = ui.button("Restore", icon="rotate_ccw", size="sm", on_click=_state.restore(space.id), aria_label=f"Restore {space.name}")
    return rx.el.li(
        ui.avatar(space.initials, size=32, square=True), words, rx.cond(space.can_restore, restore), class_name="af-row", key=space.id
    )


def _line(space: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(space.name, class_name="af-card-title af-truncate"),
        rx.el.div(space.role, rx.cond(space.is_current, " · open now", ""), class_name="af-muted af-small"),
        class_name="af-grow-1",
    )
    leave = ui.button("Leave", icon="log_out", size="sm", on_click=_state.ask(space.id), aria_label=f"Leave {space.name}")
    return rx.el.li(ui.avatar(space.initials, size=32, square=True), words, leave, class_name="af-row", key=space.id)
