"""The run page: the same picture whether the run is on or long over."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.run.parts import head, notices, run_values, step_list, step_panel
from pages.run.state import RunState

_state: Any = RunState  # its attributes are Vars, which the type of the class does not say


def run_page() -> rx.Component:
    """One run."""
    columns = rx.el.div(
        ui.stack(step_panel(), run_values(), gap=4, class_name="af-run-main"),
        ui.stack(ui.card(ui.section("Steps", step_list())), gap=4, class_name="af-run-side"),
        class_name="af-run-columns",
    )
    content = ui.stack(head(), notices(), columns, gap=4)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This run cannot be shown"),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    return shell_page(body, title="Run", active="runs", wide=True)
