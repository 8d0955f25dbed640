"""The page of one incoming webhook."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.frame import triggers_page
from pages.webhook.listen_parts import test_tab
from pages.webhook.log_parts import log_tab
from pages.webhook.parts import address_card, head, questions
from pages.webhook.settings_parts import settings_tab
from pages.webhook.state import TABS, WebhookState

_state: Any = WebhookState  # its attributes are Vars, which the type of the class does not say


def webhook_page() -> rx.Component:
    """Head, address, and one of its tabs."""
    tab = rx.match(_state.tab, ("test", test_tab()), ("settings", settings_tab()), log_tab())
    whole = ui.stack(
        head(), address_card(), ui.row(ui.segmented(TABS, value=_state.tab, on_change=_state.choose_tab, label="Part")), tab, gap=5
    )
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), whole),
    )
    return triggers_page(body, questions(), active="webhooks")
