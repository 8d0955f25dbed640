"""Open invitations, and those that are over."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.invitations_state import InvitationsState
from pages.settings.invite_parts import invite_button, invite_dialog, made_dialog

_state: Any = InvitationsState  # its attributes are Vars, which the type of the class does not say
_TONES = (("open", "accent"), ("accepted", "green"), ("expired", "amber"))


def invitations_page() -> rx.Component:
    """Render the page."""
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search invitations")
    everything = ui.checkbox("Also those that are over", name="all", checked=_state.shows_all, on_change=_state.show_all)
    return settings_page(
        loaded(_state, ui.stack(ui.row(search, ui.spacer(), everything, wrap=True), _listing(), gap=4), rows=3),
        invite_dialog(),
        made_dialog(),
        active="invitations",
        title="Invitations",
        description="Each works once and ends by itself after 7 days.",
        actions=(rx.cond(_state.problem == "", invite_button()),),
        wide=True,
    )


def _listing() -> rx.Component:
    lines = ui.card(rx.foreach(_state.rows, _line), class_name="af-card-flush")
    nothing = ui.empty_state("No invitation fits", "Clear the search to see all of them.", icon="search_x")
    empty = ui.empty_state("No open invitation", "Invite people by e-mail, or make a link for one person.", invite_button(), icon="mail")
    return rx.cond(_state.rows.length() > 0, lines, rx.cond(_state.search != "", nothing, empty))


def _line(row: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(row.title, class_name="af-card-title af-truncate"),
        rx.el.div(row.note, class_name="af-muted af-small"),
        class_name="af-grow-1",
    )
    state = rx.match(row.state, *[(name, ui.badge(name.capitalize(), tone=tone)) for name, tone in _TONES], ui.badge("Withdrawn"))  # type: ignore[arg-type]
    withdraw = ui.menu_item("Withdraw", icon="x", danger=True, on_click=_state.withdraw(row.id))
    resend = ui.menu_item("Send again", icon="send", on_click=_state.resend(row.id))
    menu = ui.menu(
        ui.icon_button("ellipsis", label=f"More about {row.title}", size="sm", tip=False),
        rx.cond(row.can_resend, resend),
        withdraw,
        align="end",
    )
    nothing = rx.el.div(class_name="af-member-nothing")
    return rx.el.div(words, ui.muted(row.role_label), state, rx.cond(row.is_open, menu, nothing), class_name="af-line af-member")
