"""The schedules page, the first tab of the triggers."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.frame import triggers_page
from pages.triggers.parts import delete_question, filters, listing
from pages.triggers.state import SchedulesState

_state: Any = SchedulesState  # its attributes are Vars, which the type of the class does not say


def schedules_page() -> rx.Component:
    """All schedules of the workspace."""
    narrowed = rx.cond(
        _state.workflow_id != "",
        ui.row(
            ui.badge("One workflow only", icon="workflow"),
            ui.link("Open it", href=f"/workflows/{_state.workflow_id}", class_name="af-link af-small"),
            ui.link("Show all schedules", href="/triggers", class_name="af-link af-small"),
            wrap=True,
            gap=3,
        ),
    )
    unwatched = rx.cond(_state.unwatched != "", ui.callout(_state.unwatched, tone="amber"))
    content = ui.stack(unwatched, narrowed, rx.cond(_state.total > 0, filters()), listing(), delete_question(), gap=4)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    make = rx.cond(
        _state.can_edit & (_state.total > 0), ui.link_button("New schedule", href=_state.new_href, icon="plus", variant="primary")
    )
    return triggers_page(body, active="schedules", actions=(make,))
