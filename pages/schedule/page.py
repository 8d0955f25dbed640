"""The page of one schedule."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.schedule.parts import about, delete_question, head, history, notices, upcoming, why
from pages.schedule.state import ScheduleState

_state: Any = ScheduleState  # its attributes are Vars, which the type of the class does not say


def schedule_page() -> rx.Component:
    """One schedule."""
    columns = rx.el.div(history(), ui.stack(upcoming(), why(), about(), gap=4), class_name="af-trigger-columns")
    content = ui.stack(head(), notices(), columns, delete_question(), gap=5)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This schedule cannot be shown", on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    return shell_page(body, title="Schedule", active="triggers")
