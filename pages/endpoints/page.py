"""The list of outgoing webhooks, a tab of the triggers."""

from typing import Any

import reflex as rx

from components import ui
from pages.endpoints.parts import listing, making
from pages.endpoints.state import EndpointsState
from pages.triggers.frame import triggers_page
from pages.webhooks.parts import secret_dialog

_state: Any = EndpointsState  # its attributes are Vars, which the type of the class does not say


def endpoints_page() -> rx.Component:
    """All receivers of events of the workspace."""
    create = rx.cond(_state.can_edit, ui.button("New endpoint", icon="plus", variant="primary", on_click=_state.begin))
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search endpoints")
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), ui.stack(ui.row(search), listing(), gap=4)),
    )
    made = secret_dialog(_state.made, on_open_change=_state.set_shown, title="The endpoint is ready", href_label="Open endpoint")
    return triggers_page(body, making(), made, active="outgoing", actions=(create,))
