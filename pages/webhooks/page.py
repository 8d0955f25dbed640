"""The list of incoming webhooks, a tab of the triggers."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.frame import triggers_page
from pages.webhooks.parts import listing, making, secret_dialog
from pages.webhooks.state import WebhooksState

_state: Any = WebhooksState  # its attributes are Vars, which the type of the class does not say


def webhooks_page() -> rx.Component:
    """All addresses of the workspace that start workflows."""
    create = rx.cond(_state.can_edit, ui.button("New webhook", icon="plus", variant="primary", on_click=_state.begin))
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search webhooks")
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), ui.stack(ui.row(search), listing(), gap=4)),
    )
    made = secret_dialog(_state.made, on_open_change=_state.set_shown, title="The webhook is ready")
    return triggers_page(body, making(), made, active="webhooks", actions=(create,))
