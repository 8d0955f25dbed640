"""The page of event rules, a tab of the triggers."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.frame import triggers_page
from pages.triggers.parts import outcome_badge, state_badge
from pages.triggers.rules_state import RulesState

_state: Any = RulesState  # its attributes are Vars, which the type of the class does not say


def rules_page() -> rx.Component:
    """All event rules of the workspace."""
    bar = ui.row(ui.spacer(), ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search events"), wrap=True)
    table = ui.table(("When", "Starts", "State", "Last", ""), rx.foreach(_state.rows, _line), label="Event rules")
    listing = rx.cond(_state.rows.length() > 0, table, _empty())
    content = ui.stack(rx.cond(_state.total > 0, bar), listing, _delete_question(), gap=4)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    make = rx.cond(
        _state.can_edit & (_state.total > 0), ui.link_button("New event rule", href="/triggers/events/new", icon="plus", variant="primary")
    )
    return triggers_page(body, active="events", actions=(make,))


def _line(item: Any) -> rx.Component:
    name = ui.stack(ui.link(item.name, href=item.href, class_name="af-strong-link"), ui.muted(item.when, " · ", item.source), gap=1)
    workflow = rx.cond(
        item.workflow_href != "", ui.link(item.workflow, href=item.workflow_href, class_name="af-link"), ui.muted(item.workflow)
    )
    last = rx.cond(
        item.last_words != "",
        ui.stack(rx.el.div(outcome_badge(item.last_words, item.last_status)), ui.muted(item.last_at), gap=1),
        ui.muted("Not yet"),
    )
    return ui.table_row(
        rx.el.td(name, style={"min_width": "160px", "max_width": "420px"}),
        rx.el.td(workflow, style={"max_width": "240px"}),
        rx.el.td(rx.el.span(state_badge(item.status), title=item.note)),
        rx.el.td(last, class_name="af-nowrap"),
        rx.el.td(rx.cond(_state.can_edit, _menu(item)), class_name="af-cell-menu"),
        key=item.id,
        custom_attrs={"data-rule": item.id},
    )


def _menu(item: Any) -> rx.Component:
    turn = rx.cond(
        item.status == "active",
        ui.menu_item("Pause", icon="pause", on_click=_state.pause(item.id)),
        ui.menu_item("Resume", icon="play", on_click=_state.resume(item.id)),
    )
    return ui.menu(
        ui.icon_button("ellipsis", label=f"More about {item.name}", size="sm", tip=False),
        ui.menu_item("Edit", icon="pencil", on_click=rx.redirect(item.href)),
        turn,
        ui.menu_separator(),
        ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.ask_delete(item.id)),
        align="end",
    )


def _delete_question() -> rx.Component:
    return ui.confirm(
        "Delete this rule?",
        description=f"“{_state.asked_name}” starts nothing any more. Runs it started stay readable.",
        confirm_label="Delete",
        on_confirm=_state.delete,
        open=_state.asked_id != "",
        on_open_change=_state.set_asking,
    )


def _empty() -> rx.Component:
    first = ui.empty_state(
        "No event rule yet",
        "A rule starts a workflow when something happens here: a run fails, an approval is decided, a workflow is published.",
        rx.cond(_state.can_edit, ui.link_button("New event rule", href="/triggers/events/new", icon="plus", variant="primary")),
        icon="split",
    )
    return rx.cond(
        (_state.search != "") | (_state.total > 0), ui.empty_state("No rule fits", "Clear the search to see all.", icon="search_x"), first
    )
