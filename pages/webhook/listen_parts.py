"""The Test tab: a test address that answers while somebody listens, and what to do with the request it caught."""

from typing import Any

import reflex as rx

from components import ui
from pages.webhook.listen_state import WebhookListenState
from pages.webhook.log_parts import delivery_body
from pages.webhook.state import WebhookState
from pages.webhooks.parts import copy_line

_state: Any = WebhookListenState  # its attributes are Vars, which the type of the class does not say
_hook: Any = WebhookState.hook


def test_tab() -> rx.Component:
    """Listen, look, take."""
    listening = ui.card(listener(_state, test_url=_hook.test_url))
    return ui.stack(rx.cond(_hook.can_edit, listening, ui.callout("Only who may edit can listen.")), _caught(), _sample(), gap=5)


def listener(state: Any, *, test_url: Any, example: Any = "") -> rx.Component:
    """Listen, and what to do while it listens; `state` mixes in pages.webhook.listener.Listener."""
    first = ui.button("Listen for a request", icon="radio", variant="primary", on_click=state.listen)
    again = ui.button("Listen for another", icon="radio", on_click=state.listen)
    off = ui.stack(
        ui.muted("Open the test address for five minutes, call it from the other system, and see exactly what arrives.", small=False),
        ui.switch(
            "Also start a run",
            name="starts-run",
            checked=state.starts_run,
            on_change=state.set_starts_run,
            help="Otherwise the request is only shown.",
        ),
        ui.row(rx.cond(state.caught.item.id != "", again, first)),
    )
    on = ui.stack(
        ui.row(ui.spinner(), rx.el.strong("Listening. Send a request to the test address now.")),
        copy_line("Test address", test_url),
        rx.cond(example != "", rx.el.details(rx.el.summary("Try it in a terminal", class_name="af-small"), ui.code_block(example))),
        ui.row(ui.button("Stop", on_click=state.stop)),
        gap=4,
    )
    return rx.el.div(rx.cond(state.is_on, on, off), aria_live="polite")


def _caught() -> rx.Component:
    return rx.cond(_state.caught.item.id != "", ui.section("The last request", ui.card(delivery_body(_state.caught))))


def _sample() -> rx.Component:
    adopt = rx.cond(_hook.can_edit, ui.button("Add its fields to the Start step", icon="list_plus", on_click=_state.adopt), rx.fragment())
    words = ui.muted(
        "Templates of the mapping can refer to it: {{ body.name }}, {{ query.name }}, {{ headers.name }}. "
        "Its fields become typed inputs of the workflow with one click.",
    )
    return rx.cond(_state.has_sample, ui.section("Sample", ui.card(ui.stack(words, ui.json_view(_state.sample), ui.row(adopt), gap=3))))
