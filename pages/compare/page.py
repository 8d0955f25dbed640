"""The page that shows two runs side by side on one canvas."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.chrome import canvas_tools
from components.canvas.flow import flow_canvas
from components.canvas.popups import cheat_sheet, find_bar, notice_bar
from components.shell import shell_page
from pages.compare.parts import chosen_values, head, legend, step_table
from pages.compare.state import CompareState

_state: Any = CompareState  # its attributes are Vars, which the type of the class does not say


def compare_page() -> rx.Component:
    """Two runs."""
    canvas = flow_canvas(overlay=_state.badges, on_inspect=_state.choose_on_canvas)
    picture = rx.el.div(canvas, canvas_tools(), find_bar(), notice_bar(), cheat_sheet(), class_name="af-run-canvas")
    content = ui.stack(head(), legend(), picture, step_table(), chosen_values(), gap=4)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="These runs cannot be compared"),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    return shell_page(body, title="Compare", active="runs", wide=True)
