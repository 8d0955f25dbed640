"""The workspace: its name, a new one, and the end of this one."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.deletion_parts import deletion_section
from pages.settings.deletion_state import DeletionState
from pages.settings.workspace_state import WorkspaceState

_state: Any = WorkspaceState  # its attributes are Vars, which the type of the class does not say


def workspace_page() -> rx.Component:
    """Render the page."""
    body = loaded(_state, ui.stack(_workspace(), _new_workspace(), deletion_section(), gap=8), rows=4, also=(DeletionState.load,))
    return settings_page(body, active="workspace", title="General", description="What everybody in this workspace shares.")


def _workspace() -> rx.Component:
    field = ui.text_field(
        "Name",
        name="name",
        value=_state.name,
        on_change=_state.set_name,
        error=_state.errors.get("name", ""),
        help=rx.cond(_state.is_fixed, "Only an owner renames the workspace.", "Everybody in the workspace sees it."),
        disabled=_state.is_fixed,
        max_length=60,
    )
    button = ui.button("Rename", type="submit", variant="primary", disabled=_state.is_fixed)
    form = rx.el.form(ui.stack(field, ui.row(button)), on_submit=_state.rename, class_name="af-narrow")
    return ui.section("This workspace", ui.card(form))


def _new_workspace() -> rx.Component:
    field = ui.text_field(
        "Name of the new workspace",
        name="fresh_name",
        value=_state.fresh_name,
        on_change=_state.set_fresh_name,
        error=_state.errors.get("fresh_name", ""),
        help="Agents, workflows and runs of different workspaces never see each other.",
        max_length=60,
    )
    button = ui.button("Create workspace", type="submit", icon="plus")
    form = rx.el.form(ui.stack(field, ui.row(button)), on_submit=_state.create, class_name="af-narrow")
    return ui.section("New workspace", ui.card(form), id="new-workspace")
