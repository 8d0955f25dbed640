"""The log of an endpoint, a test by hand, and the dialog of one message."""

from typing import Any

import reflex as rx

from app.services.announcements import EVENTS, TEST
from components import ui
from pages.endpoint.log_state import FILTERS, EndpointLogState
from pages.endpoint.state import EndpointState

_state: Any = EndpointLogState  # its attributes are Vars, which the type of the class does not say
_view: Any = EndpointState.endpoint
STATUSES = (
    ("pending", "waiting", "amber"),
    ("sending", "sending", "blue"),
    ("delivered", "delivered", "green"),
    ("failed", "given up", "red"),
)


def log_tab() -> rx.Component:
    """Filters, lines, the next page, and a test."""
    tools = ui.row(
        ui.segmented(FILTERS, value=_state.status, on_change=_state.choose_status, label="Which messages"),
        ui.spacer(),
        ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search payload, error or id"),
        wrap=True,
    )
    table = ui.table(
        ("When", "Status", "Event", *map(ui.number_head, ("Attempts", "Answer"))), rx.foreach(_state.rows, _row), label="Messages"
    )
    more = rx.cond(_state.next_cursor != "", ui.row(ui.button("Show more", on_click=_state.more), style={"justify_content": "center"}))
    listing = rx.cond(_state.rows.length() > 0, ui.stack(table, more, gap=4), _empty())
    test = rx.cond(_view.can_edit & (_view.item.state == "active"), _test())
    return ui.stack(test, tools, rx.cond(_state.is_loading, ui.skeleton_rows(), listing), message_dialog(), gap=4)


def _test() -> rx.Component:
    choices = ((TEST, "A plain test"), *EVENTS.items())
    select = rx.el.select(
        *ui.options(choices), value=_state.test_event, on_change=_state.choose_event, aria_label="Event of the test", class_name="af-input"
    )
    send = ui.button("Send a test", icon="send", on_click=_state.test)
    return ui.row(rx.el.div(select, style={"width": "260px"}), send, wrap=True)


def _status(status: Any) -> rx.Component:
    return rx.match(status, *[(key, ui.badge(word, tone=tone)) for key, word, tone in STATUSES], ui.badge(status))  # type: ignore[arg-type]


def _row(item: Any) -> rx.Component:
    title = rx.el.button(item.title, type="button", on_click=_state.choose(item.id), class_name="af-link-button")
    test = rx.cond(item.is_test, ui.badge("test"))
    note = rx.cond(item.note != "", ui.muted(item.note, class_name="af-clamp-2"), ui.muted(item.event, class_name="af-mono"))
    return ui.table_row(
        rx.el.td(rx.el.span(item.when, title=item.stamp), class_name="af-nowrap"),
        rx.el.td(_status(item.status)),
        rx.el.td(ui.stack(ui.row(title, test), note, gap=1), style={"max_width": "460px"}),
        ui.number_cell(item.attempts, of="attempts", of_one="attempt"),
        ui.number_cell(item.answer),
    )


def _empty() -> rx.Component:
    is_filtered = (_state.status != "all") | (_state.search != "")
    return rx.cond(
        is_filtered,
        ui.empty_state("No message fits", "Choose another filter or clear the search.", icon="search_x"),
        ui.empty_state("Nothing was sent yet", "Send a test, or wait for the first event.", icon="inbox"),
    )


def message_dialog() -> rx.Component:
    """One message: its payload and each attempt."""
    panel = _state.panel
    item = panel.item
    run = rx.cond(item.run_href != "", ui.link("Open its run", href=item.run_href))
    attempts = rx.cond(
        panel.attempts.length() > 0,
        rx.foreach(panel.attempts, _attempt),
        ui.row(ui.spinner(), ui.muted("A worker sends it within a second or two."), custom_attrs={"aria-live": "polite"}),
    )
    replay = rx.cond(panel.can_replay, ui.button("Send again", icon="rotate_ccw", variant="primary", on_click=_state.replay))
    return ui.dialog(
        item.title,
        ui.stack(
            ui.row(_status(item.status), ui.muted(item.stamp), ui.muted("webhook-id: ", item.id), run, wrap=True),
            rx.cond(item.note != "", ui.callout(item.note, tone="amber")),
            attempts,
            rx.el.div("Payload", class_name="af-label"),
            ui.code_block(panel.payload, max_height="320px"),
            gap=3,
        ),
        open=item.id != "",
        on_open_change=_state.set_open,
        footer=(replay,),
        width="720px",
    )


def _attempt(item: Any) -> rx.Component:
    tone = rx.cond(item.is_good, ui.badge(item.title, tone="green"), ui.badge(item.title, tone="red"))
    return ui.stack(
        ui.row(tone, ui.muted(item.when), wrap=True),
        rx.cond(item.note != "", ui.muted(item.note)),
        rx.cond(item.headers != "", ui.code_block(item.headers, max_height="140px")),
        rx.cond(item.body != "", ui.code_block(item.body, max_height="160px")),
        gap=2,
    )
