"""The schedules page, the first tab of the triggers."""

import reflex as rx

from components import ui
from pages.triggers.frame import triggers_page


def schedules_page() -> rx.Component:
    """All schedules of the workspace."""
    empty = ui.empty_state(
        "No schedule yet",
        "Open a workflow and press Run whenever you need it.",
        ui.link_button("Go to workflows", href="/workflows", variant="primary"),
        icon="alarm_clock",
    )
    return triggers_page(empty, active="schedules")
