"""The agents page: search, order, cards, ready-made agents."""

import reflex as rx

from components import ui
from components.shell import shell_page
from components.shell.rights import for_makers, looking_badge
from pages.agents.parts import agent_card, delete_dialog, starters
from pages.agents.state import AgentsState

FEW = 4
_SORTS = (("updated", "Newest change"), ("name", "Name"), ("created", "Newest"))


def agents_page() -> rx.Component:
    """Every agent of the workspace."""
    create = ui.link_button("New agent", href="/agents/new", icon="plus", variant="primary")
    return shell_page(
        ui.page_header(
            "Agents",
            description="A model with a role, instructions and tools. Use them in workflows.",
            actions=(for_makers(create), looking_badge()),
        ),
        rx.cond(
            AgentsState.is_loading,
            ui.skeleton_cards(6),
            rx.cond(AgentsState.problem != "", ui.error_state(AgentsState.problem, on_retry=AgentsState.load), _content()),
        ),
        delete_dialog(),
        title="Agents",
        active="agents",
    )


def _content() -> rx.Component:
    has_any = (AgentsState.total > 0) | (AgentsState.search != "")
    return rx.cond(has_any, rx.fragment(_tools(), _cards(), for_makers(_more_starters())), _nothing_yet())


def _tools() -> rx.Component:
    order = rx.el.select(
        *ui.options(_SORTS), value=AgentsState.sort, on_change=AgentsState.set_sort, aria_label="Order", class_name="af-input af-order"
    )
    search = ui.search_input(value=AgentsState.search, on_change=AgentsState.set_search, placeholder="Search agents")
    count = ui.muted(AgentsState.total, rx.cond(AgentsState.total == 1, " agent", " agents"), aria_live="polite")
    return ui.row(search, order, ui.spacer(), count, wrap=True, class_name="af-toolbar")


def _cards() -> rx.Component:
    nothing = ui.empty_state(
        "No agent fits",
        "Search looks in names, roles and models. Try fewer words.",
        ui.button("Clear search", on_click=AgentsState.set_search("")),
        icon="search_x",
    )
    more = rx.cond(AgentsState.next_cursor != "", rx.el.div(ui.button("Show more", on_click=AgentsState.more), class_name="af-more"))
    cards = rx.fragment(ui.grid(rx.foreach(AgentsState.cards, agent_card), min_width="290px"), more)
    return rx.cond(AgentsState.cards, cards, nothing)


def _more_starters() -> rx.Component:
    """Few agents leave room to offer the ready-made ones again."""
    is_short = (AgentsState.total < FEW) & (AgentsState.search == "")
    return rx.cond(is_short, rx.el.div(starters(), class_name="af-more-starters"), rx.fragment())


def _nothing_yet() -> rx.Component:
    welcome = ui.empty_state(
        "No agents yet",
        "An agent answers questions, uses tools and returns text or structured fields.",
        for_makers(ui.link_button("Empty form", href="/agents/new", icon="plus")),
        icon="bot",
    )
    return ui.stack(welcome, for_makers(starters()), gap=6)
