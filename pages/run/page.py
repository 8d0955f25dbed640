"""The run page: the same picture whether the run is on or long over."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.chrome import canvas_tools
from components.canvas.flow import flow_canvas
from components.canvas.popups import cheat_sheet, find_bar, notice_bar
from components.shell import shell_page
from pages.elsewhere import not_here
from pages.run.fork_parts import fork_dialog
from pages.run.head import run_head
from pages.run.parts import notices, run_values, step_list, step_panel
from pages.run.state import RunState

_state: Any = RunState  # its attributes are Vars, which the type of the class does not say


def run_page() -> rx.Component:
    """One run."""
    canvas = flow_canvas(overlay=_state.badges, on_inspect=_state.choose_on_canvas)
    picture = rx.el.div(canvas, canvas_tools(), find_bar(), notice_bar(), cheat_sheet(), class_name="af-run-canvas")
    columns = rx.el.div(
        rx.el.div(picture, class_name="af-run-picture"),
        rx.el.div(step_panel(), class_name="af-run-main"),
        rx.el.div(ui.card(ui.section("Steps", step_list())), class_name="af-run-side"),
        class_name="af-run-columns",
    )
    content = ui.stack(run_head("steps"), notices(), run_values(), columns, fork_dialog(), gap=4)
    body = rx.cond(
        _state.problem != "",
        not_here(_state, ui.error_state(_state.problem, title="This run cannot be shown")),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    return shell_page(body, title="Run", active="runs", wide=True)
