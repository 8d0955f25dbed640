"""The editor page: a bar, the canvas, and what floats above it. pages lists it."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.chrome import align_bar, canvas_tools, findings_button, findings_panel, save_state, undo_buttons, workflow_name
from components.canvas.flow import flow_canvas
from components.canvas.palette import palette_panel
from components.canvas.popups import cheat_sheet, context_menu, find_bar, notice_bar, quick_add
from components.shell import shell_page
from pages.workflow.run_parts import run_button, run_form, run_strip
from pages.workflow.run_state import EditorRunState
from pages.workflow.state import EditorState

_run: Any = EditorRunState  # its attributes are Vars, which the type of the class does not say


def _bar() -> rx.Component:
    return rx.el.header(
        ui.link("Workflows", href="/workflows", class_name="af-crumb"),
        rx.el.span("/", class_name="af-crumb", aria_hidden="true"),
        workflow_name(),
        save_state(),
        ui.spacer(),
        undo_buttons(),
        findings_button(),
        run_button(),
        class_name="af-workbench-bar",
    )


def _body() -> rx.Component:
    return rx.el.div(
        flow_canvas(overlay=_run.badges, on_save=EditorState.save, on_pull=EditorState.pull),
        palette_panel(),
        findings_panel(),
        align_bar(),
        canvas_tools(),
        find_bar(),
        notice_bar(),
        quick_add(),
        context_menu(),
        cheat_sheet(),
        rx.el.div(run_strip(), class_name="af-run-dock"),
        run_form(),
        class_name="af-workbench-body",
    )


def workflow_page() -> rx.Component:
    """Render the page."""
    broken = ui.error_state(EditorState.problem, title="This workflow cannot be opened", on_retry=EditorState.load)
    editor = rx.el.div(_bar(), _body(), class_name="af-workbench")
    return shell_page(
        rx.cond(EditorState.problem != "", broken, editor), title=EditorState.title, active="workflows", flush=True, rail=True
    )
