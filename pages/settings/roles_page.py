"""What each role may do, read from what the services themselves ask."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.members_present import ROLE_WORDS
from pages.settings.roles_state import RolesState

_state: Any = RolesState  # its attributes are Vars, which the type of the class does not say


def roles_page() -> rx.Component:
    """Render the page."""
    heads = [rx.el.th(words, scope="col", class_name="af-role-cell") for words in ROLE_WORDS.values()]
    table = ui.table(("Permission", *heads), rx.foreach(_state.rows, _row), label="What each role may do", keeps_columns=True)
    nothing = ui.empty_state("No permission fits", "Clear the search to see all of them.", icon="search_x")
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search permissions")
    found = ui.stack(ui.row(search), rx.cond(_state.rows.length() > 0, table, nothing), gap=4)
    link = ui.link_button("Members", href="/settings/members", icon="users")
    return settings_page(
        loaded(_state, found, rows=6),
        active="roles",
        title="Roles",
        description="A role holds for one workspace. This table is what the server enforces on every click and every call.",
        actions=(link,),
        wide=True,
    )


def _row(item: Any) -> rx.Component:
    words = rx.el.td(rx.el.div(item.label, class_name="af-card-title"), rx.el.div(item.help, class_name="af-muted af-small"))
    return ui.table_row(words, *[_cell(held, words) for held, words in _columns(item)])


def _columns(item: Any) -> tuple[tuple[Any, str], ...]:
    return ((item.owner, "Owner"), (item.admin, "Admin"), (item.member, "Member"), (item.viewer, "Viewer"))


def _cell(held: Any, role: str) -> rx.Component:
    yes = rx.icon("check", size=17, aria_label=f"{role}: yes", class_name="af-role-yes")
    no = rx.el.span("-", aria_label=f"{role}: no", role="img", class_name="af-faint")
    return rx.el.td(rx.cond(held, yes, no), class_name="af-role-cell")
