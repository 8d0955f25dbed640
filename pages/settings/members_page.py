"""The members of the workspace."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.invite_parts import invite_button, invite_dialog, made_dialog
from pages.settings.members_state import MembersState

_state: Any = MembersState  # its attributes are Vars, which the type of the class does not say


def members_page() -> rx.Component:
    """Render the page."""
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search members")
    count = ui.muted(_state.total, rx.cond(_state.total == 1, " person", " people"), class_name="af-nowrap")
    return settings_page(
        loaded(_state, ui.stack(ui.row(search, ui.spacer(), count), _listing(), gap=4)),
        _question(),
        invite_dialog(),
        made_dialog(),
        active="members",
        title="Members",
        description="Who works here, and what each may do.",
        actions=(rx.cond(_state.can_manage, invite_button()),),
        wide=True,
    )


def _listing() -> rx.Component:
    lines = ui.card(rx.foreach(_state.rows, _line), class_name="af-card-flush")
    nobody = ui.empty_state("Nobody fits", "Clear the search to see everybody.", icon="search_x")
    return rx.cond(_state.rows.length() > 0, lines, nobody)


def _line(row: Any) -> rx.Component:
    name = ui.row(rx.el.span(row.name, class_name="af-card-title af-truncate"), rx.cond(row.is_me, ui.badge("You", tone="accent")), gap=2)
    words = rx.el.div(
        name,
        rx.el.div(row.email, class_name="af-muted af-small af-truncate"),
        rx.el.div(row.note, class_name="af-faint af-small"),
        class_name="af-grow-1",
    )
    choose = rx.el.select(
        *ui.options(_state.roles),
        value=row.role,
        on_change=lambda role: _state.give_role(row.user_id, role),
        aria_label=f"Role of {row.name}",
        class_name="af-input af-size-sm af-role-select",
    )
    role = rx.cond(row.is_fixed, ui.badge(row.role_label), choose)
    return rx.el.div(ui.avatar(row.initials, size=34), words, role, _menu(row), class_name="af-line af-member af-member-roles")


def _menu(row: Any) -> rx.Component:
    trigger = ui.icon_button("ellipsis", label=f"More about {row.name}", size="sm", tip=False)
    transfer = ui.menu_item("Hand the workspace over", icon="crown", on_click=_state.ask("transfer", row.user_id))
    remove = ui.menu_item("Remove from workspace", icon="user_minus", danger=True, on_click=_state.ask("remove", row.user_id))
    leave = ui.menu_item("Leave workspace", icon="log_out", danger=True, on_click=_state.ask("leave", row.user_id))
    return rx.cond(
        row.is_me | row.can_remove | row.can_own,
        ui.menu(trigger, rx.cond(row.can_own, transfer), rx.cond(row.can_remove, remove), rx.cond(row.is_me, leave), align="end"),
        rx.el.div(class_name="af-member-nothing"),
    )


def _question() -> rx.Component:
    name = _state.pending.name
    title = rx.match(
        _state.pending.kind,
        ("leave", "Leave this workspace?"),
        ("transfer", f"Hand the workspace over to {name}?"),
        f"Remove {name}?",
    )
    told = rx.match(
        _state.pending.kind,
        (
            "leave",
            "You lose access at once, and your API keys here end for good. Somebody has to invite you to come back. "
            "Without another workspace you get an empty one of your own.",
        ),
        ("transfer", f"{name} becomes an owner and you become an admin. Only an owner can change that back."),
        f"{name} loses access with the next click, and their API keys of this workspace end for good. "
        "What they built stays, and goes to whom you choose.",
    )
    verb = rx.match(_state.pending.kind, ("leave", "Leave"), ("transfer", "Hand over"), "Remove")
    heir = ui.select(
        "Goes to",
        _state.heirs,
        name="heir",
        value=_state.heir_id,
        on_change=_state.choose_heir,
        error=_state.errors.get("heir_id", ""),
        help=f"{_state.pending.holds} must have somebody. Triggers go on in this name.",
    )
    needs_heir = (_state.pending.holds != "") & (_state.pending.kind != "transfer")
    return ui.dialog(
        title,
        ui.stack(rx.el.p(told, class_name="af-muted"), rx.cond(needs_heir, heir), gap=4),
        open=_state.pending.kind != "",
        on_open_change=_state.close,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button(verb, variant="danger", on_click=_state.confirm)),
    )
