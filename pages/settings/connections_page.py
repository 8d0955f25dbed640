"""What the workspace is connected to, each with its state and the page where it is managed."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.connections_state import ConnectionsState

_state: Any = ConnectionsState  # its attributes are Vars, which the type of the class does not say


def connections_page() -> rx.Component:
    """Render the page."""
    body = loaded(_state, rx.cond(_state.is_empty, _empty(), _listing()))
    owners = ui.muted("The provider of sign-ins and the payout account are shown to owners.")
    return settings_page(
        ui.stack(body, rx.cond(_state.is_partial & (_state.problem == ""), owners), gap=4),
        active="connections",
        title="Connections",
        description="Every service outside that this workspace works with. Each is set up on the page that its name leads to.",
        wide=True,
    )


def _listing() -> rx.Component:
    heads = ("Connection", "With", "State", "Last used")
    table = ui.table(heads, rx.foreach(_state.rows, _row), label="Connections")
    nothing = ui.empty_state("No connection fits", "Clear the search to see all of them.", icon="search_x")
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search connections")
    return ui.stack(ui.row(search), rx.cond(_state.rows.length() > 0, table, nothing), gap=4)


def _row(item: Any) -> rx.Component:
    made = [(tone, ui.badge(item.state, tone=tone)) for tone in ("green", "red", "amber")]
    badge = rx.match(item.tone, *made, ui.badge(item.state))
    name = ui.stack(ui.link(item.name, href=item.href, class_name="af-break"), ui.muted(item.kind), gap=1)
    return ui.table_row(
        rx.el.td(name),
        rx.el.td(ui.muted(item.detail, class_name="af-clamp-2 af-break")),
        rx.el.td(ui.stack(ui.row(badge), rx.cond(item.note != "", ui.muted(item.note, class_name="af-clamp-2")), gap=1)),
        rx.el.td(item.used, class_name="af-nowrap"),
    )


def _empty() -> rx.Component:
    return ui.empty_state(
        "Connected to nothing yet",
        "Save the key of a model provider or of any API, or send events to an address of yours.",
        ui.row(
            ui.link_button("Credentials", href="/settings/credentials", icon="vault"),
            ui.link_button("Outgoing webhooks", href="/triggers/outgoing", icon="webhook"),
            gap=2,
            wrap=True,
        ),
        icon="cable",
    )
