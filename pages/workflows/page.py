"""The workflows page: search, order, cards, import."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from components.shell.rights import for_makers, looking_badge
from pages.workflows.import_state import ImportState
from pages.workflows.parts import import_dialog, questions, workflow_card
from pages.workflows.state import WorkflowsState

_state: Any = WorkflowsState  # its attributes are Vars, which the type of the class does not say
_SORTS = (("updated", "Newest change"), ("name", "Name"), ("created", "Newest"))


def workflows_page() -> rx.Component:
    """Every workflow of the workspace."""
    actions = (
        ui.button("Import", icon="upload", on_click=ImportState.open),
        ui.link_button("From a template", href="/templates", icon="layout_template"),
        ui.button("New workflow", icon="plus", variant="primary", loading=_state.is_creating, on_click=_state.create, id="new-workflow"),
    )
    return shell_page(
        ui.page_header(
            "Workflows",
            description="Steps, agents and people in one picture. Draw it, run it, watch it.",
            actions=(for_makers(*actions), looking_badge()),
        ),
        rx.cond(
            _state.is_loading,
            ui.skeleton_cards(6, height="210px"),
            rx.cond(_state.problem != "", ui.error_state(_state.problem, on_retry=_state.load), _content()),
        ),
        questions(),
        import_dialog(),
        title="Workflows",
        active="workflows",
    )


def _content() -> rx.Component:
    has_any = (_state.total > 0) | (_state.search != "")
    return rx.cond(has_any, rx.fragment(_tools(), _cards()), _nothing_yet())


def _tools() -> rx.Component:
    order = rx.el.select(
        *ui.options(_SORTS), value=_state.sort, on_change=_state.set_sort, aria_label="Order", class_name="af-input af-order"
    )
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search workflows")
    count = ui.muted(_state.total, rx.cond(_state.total == 1, " workflow", " workflows"), aria_live="polite")
    return ui.row(search, order, ui.spacer(), count, wrap=True, class_name="af-toolbar")


def _cards() -> rx.Component:
    nothing = ui.empty_state(
        "No workflow fits",
        "Search looks in names and descriptions. Try fewer words.",
        ui.button("Clear search", on_click=_state.set_search("")),
        icon="search_x",
    )
    more = rx.cond(_state.next_cursor != "", rx.el.div(ui.button("Show more", on_click=_state.more), class_name="af-more"))
    cards = rx.fragment(ui.grid(rx.foreach(_state.cards, workflow_card), min_width="290px"), more)
    return rx.cond(ui.length_of(_state.cards) > 0, cards, nothing)


def _nothing_yet() -> rx.Component:
    return ui.empty_state(
        "No workflows yet",
        "A workflow connects agents, data and people. Templates run at once, without a key; or begin with an empty canvas.",
        for_makers(
            ui.link_button("Choose a template", href="/templates", icon="layout_template", variant="primary"),
            ui.button("Empty canvas", icon="plus", on_click=_state.create),
            ui.button("Import", icon="upload", on_click=ImportState.open),
        ),
        icon="workflow",
    )
