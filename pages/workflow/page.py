"""The editor page: a bar, the canvas and what floats above it, the chosen step at its side, the run below. pages lists it."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act
from components.canvas.chrome import (
    align_bar,
    canvas_tools,
    findings_button,
    findings_panel,
    first_step,
    save_state,
    undo_buttons,
    workflow_name,
)
from components.canvas.conflicts import conflict_panel
from components.canvas.dock import DockPane, StepTabs, step_head
from components.canvas.flow import flow_canvas
from components.canvas.palette import palette_panel
from components.canvas.popups import cheat_sheet, context_menu, find_bar, notice_bar, quick_add
from components.canvas.preview import preview_bar
from components.canvas.settings import settings_pane
from components.shell import shell_page
from pages.elsewhere import or_elsewhere
from pages.sharing.parts import share_button, share_dialog
from pages.workflow.doors_parts import door_secret
from pages.workflow.history_parts import history_pane
from pages.workflow.inspector_parts import inspector
from pages.workflow.inspector_state import InspectorState
from pages.workflow.lately_parts import lately_line
from pages.workflow.menu_parts import delete_question, workflow_menu
from pages.workflow.model_parts import model_choice
from pages.workflow.run_parts import node_values, pin_dialog, run_button, run_doubts, run_form, run_strip
from pages.workflow.run_state import EditorRunState
from pages.workflow.state import EditorState
from pages.workflow.trial_state import ACTIONS, TrialState

_run: Any = EditorRunState  # its attributes are Vars, which the type of the class does not say
_inspector: Any = InspectorState


def _bar() -> rx.Component:
    return rx.el.header(
        ui.link("Workflows", href="/workflows", class_name="af-crumb"),
        rx.el.span("/", class_name="af-crumb", aria_hidden="true"),
        workflow_name(),
        save_state(),
        ui.spacer(),
        undo_buttons(),
        findings_button(),
        share_button("workflow"),
        workflow_menu(),
        run_button(),
        class_name="af-workbench-bar",
    )


def _canvas() -> rx.Component:
    return rx.el.div(
        flow_canvas(
            overlay=_run.badges,
            run_id=_run.run.id,
            node_actions=ACTIONS,
            on_node_action=TrialState.act,
            on_save=EditorState.save,
            on_pull=EditorState.pull,
            on_inspect=InspectorState.follow,
        ),
        palette_panel(),
        findings_panel(),
        align_bar(),
        first_step(),
        canvas_tools(),
        find_bar(),
        notice_bar(),
        quick_add(),
        context_menu(),
        cheat_sheet(),
        conflict_panel(),
        preview_bar(),
        class_name="af-workbench-canvas",
    )


def _side() -> rx.Component:
    """The chosen step: its settings, and what went in and out of it in the last run."""
    values = rx.el.div(node_values(), class_name="af-inspector-body")
    tabs = StepTabs.create(inspector(), values, form_id=_inspector.form.id, run_id=_run.run.id)
    return DockPane.create(step_head(), tabs, name="step", label="Chosen step")


def workflow_page() -> rx.Component:
    """Render the page."""
    to_list = ui.link_button("All workflows", href="/workflows", variant="primary")
    again = ui.button("Try again", icon="rotate_cw", on_click=EditorState.load)
    refusal = ui.error_state(EditorState.problem, to_list, again, title="This workflow cannot be opened")
    broken = rx.el.div(or_elsewhere(refusal), class_name="af-workbench-missing")
    left = rx.el.div(_canvas(), lately_line(), run_strip(), class_name="af-workbench-left")
    editor = rx.el.div(
        _bar(),
        rx.el.div(left, _side(), history_pane(), settings_pane(), class_name="af-workbench-body"),
        run_form(),
        run_doubts(before=act("save")),
        pin_dialog(),
        model_choice(),
        door_secret(),
        delete_question(),
        share_dialog(),
        class_name="af-workbench",
    )
    return shell_page(
        rx.cond(EditorState.problem != "", broken, editor), title=EditorState.title, active="workflows", flush=True, rail=True
    )
