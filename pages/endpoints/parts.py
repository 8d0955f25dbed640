"""Parts of the list of outgoing webhooks."""

from typing import Any

import reflex as rx

from components import ui
from pages.endpoints.form import endpoint_fields
from pages.endpoints.state import EndpointsState
from pages.webhooks.parts import state_badge

_state: Any = EndpointsState  # its attributes are Vars, which the type of the class does not say


def listing() -> rx.Component:
    """The table, or what to do when it is empty."""
    table = ui.table(
        ("Endpoint", "State", "Hears of", *map(ui.number_head, ("Waiting", "Delivered, 24 h", "Given up, 24 h"))),
        rx.foreach(_state.rows, _row),
        label="Outgoing webhooks",
    )
    nothing = ui.empty_state("No endpoint fits", "Clear the search to see all of them.", icon="search_x")
    return rx.cond(_state.rows.length() > 0, table, rx.cond(_state.search != "", nothing, _empty()))


def _row(item: Any) -> rx.Component:
    name = ui.link(item.name, href=item.href, class_name="af-strong-link")
    note = rx.cond(item.reason != "", item.reason, item.url)
    return ui.table_row(
        rx.el.td(ui.stack(name, ui.muted(note, class_name="af-clamp-2"), gap=1), style={"max_width": "360px"}),
        rx.el.td(ui.stack(ui.row(health_badge(item)), ui.muted(item.health), gap=1), class_name="af-nowrap"),
        rx.el.td(ui.stack(rx.el.span(item.events), ui.muted(item.scope), gap=1), class_name="af-nowrap"),
        ui.number_cell(item.pending, of="waiting"),
        ui.number_cell(item.delivered, of="delivered"),
        ui.number_cell(item.failed, of="given up"),
        on_click=rx.redirect(item.href),
    )


def health_badge(item: Any) -> rx.Component:
    """Its state; an active one whose attempts fail says so."""
    return rx.cond(item.is_failing & (item.state == "active"), ui.badge("Failing", tone="amber"), state_badge(item.state))


def _empty() -> rx.Component:
    return ui.empty_state(
        "No endpoint yet",
        "Tell another system when a run ends, fails or waits for a decision: signed, tried again for a day, with a log.",
        rx.cond(_state.can_edit, ui.button("New endpoint", icon="plus", variant="primary", on_click=_state.begin)),
        icon="send",
    )


def making() -> rx.Component:
    """The dialog of a new endpoint."""
    buttons = (
        ui.dialog_close(ui.button("Cancel")),
        ui.button("Create endpoint", variant="primary", type="submit", custom_attrs={"form": "new-endpoint"}),
    )
    return ui.dialog(
        "New endpoint",
        rx.el.form(endpoint_fields(_state), on_submit=_state.create, id="new-endpoint"),
        open=_state.is_making,
        on_open_change=_state.set_making,
        footer=buttons,
        width="560px",
    )
