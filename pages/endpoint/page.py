"""The page of one endpoint."""

from typing import Any

import reflex as rx

from components import ui
from pages.endpoint.log_parts import log_tab
from pages.endpoint.parts import facts_card, head, questions, settings_tab
from pages.endpoint.state import TABS, EndpointState
from pages.triggers.frame import triggers_page

_state: Any = EndpointState  # its attributes are Vars, which the type of the class does not say


def endpoint_page() -> rx.Component:
    """Head, facts, and one of its tabs."""
    tab = rx.match(_state.tab, ("settings", settings_tab()), log_tab())
    switch = ui.row(ui.segmented(TABS, value=_state.tab, on_change=_state.choose_tab, label="Part"))
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), ui.stack(head(), facts_card(), switch, tab, gap=5)),
    )
    return triggers_page(body, questions(), active="outgoing")
