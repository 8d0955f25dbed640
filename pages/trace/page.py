"""The trace page: the canvas as it stood at the chosen moment, the waterfall below it, the chosen attempt beside it."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.chrome import canvas_tools
from components.canvas.flow import flow_canvas
from components.canvas.popups import cheat_sheet, find_bar, notice_bar
from components.shell import shell_page
from components.trace import trace_view
from pages.elsewhere import not_here
from pages.run.fork_parts import fork_dialog
from pages.run.head import run_head
from pages.run.state import RunState
from pages.trace.parts import attempt_panel
from pages.trace.state import TraceState

_run: Any = RunState  # its attributes are Vars, which the type of the class does not say
_state: Any = TraceState


def trace_page() -> rx.Component:
    """The trace of one run."""
    canvas = flow_canvas(overlay=None)
    picture = rx.el.div(canvas, canvas_tools(), find_bar(), notice_bar(), cheat_sheet(), class_name="af-run-canvas af-trace-canvas")
    falls = trace_view(attempt_panel(), can_fork=_run.facts.can_run, on_choose=_state.choose, on_moment=_state.continue_from)
    body = rx.cond(
        _run.problem != "",
        not_here(_run, ui.error_state(_run.problem, title="This run cannot be shown")),
        rx.cond(_run.is_loading, ui.skeleton_rows(), ui.stack(run_head("trace"), picture, falls, fork_dialog(), gap=4)),
    )
    return shell_page(body, title="Trace", active="runs", wide=True)
