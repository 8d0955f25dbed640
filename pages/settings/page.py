"""The settings page."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell import shell_page
from pages.settings.state import SettingsState


def _profile() -> rx.Component:
    me = SessionState.me
    words = rx.el.div(
        rx.el.div(me.name, class_name="af-card-title"), rx.el.div(me.email, class_name="af-muted af-small"), class_name="af-grow-1"
    )
    out = ui.button("Sign out", icon="log_out", on_click=rx.call_script("window.dispatchEvent(new Event('af:sign-out'))"))
    return ui.section("You", ui.card(ui.row(ui.avatar(me.initials, size=40), words, out, gap=3)))


def _workspace() -> rx.Component:
    field = ui.text_field(
        "Name",
        name="name",
        value=SettingsState.name,
        on_change=SettingsState.set_name,
        error=SettingsState.errors.get("name", ""),  # type: ignore[arg-type] - a Var of the state
        help="Everybody in the workspace sees it.",
        disabled=SettingsState.is_fixed,
        max_length=60,
    )
    button = ui.button("Rename", type="submit", variant="primary", disabled=SettingsState.is_fixed)
    form = rx.el.form(ui.stack(field, ui.row(button)), on_submit=SettingsState.rename, class_name="af-narrow")
    return ui.section("This workspace", ui.card(form))


def _new_workspace() -> rx.Component:
    field = ui.text_field(
        "Name of the new workspace",
        name="fresh_name",
        value=SettingsState.fresh_name,
        on_change=SettingsState.set_fresh_name,
        error=SettingsState.errors.get("fresh_name", ""),  # type: ignore[arg-type] - a Var of the state
        help="Agents, workflows and runs of different workspaces never see each other.",
        max_length=60,
    )
    form = rx.el.form(
        ui.stack(field, ui.row(ui.button("Create workspace", type="submit", icon="plus"))),
        on_submit=SettingsState.create,
        class_name="af-narrow",
    )
    return ui.section("New workspace", ui.card(form), id="new-workspace")


def _session(line: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(line.device, class_name="af-card-title"), rx.el.div(line.note, class_name="af-muted af-small"), class_name="af-grow-1"
    )
    end = ui.button("Sign out", size="sm", on_click=SettingsState.end_session(line.id))
    return rx.el.div(words, rx.cond(line.is_current, ui.badge("This browser", tone="accent"), end), class_name="af-line")


def _sessions() -> rx.Component:
    others = ui.button("Sign out everywhere else", size="sm", variant="ghost", on_click=SettingsState.end_others)
    lines = ui.card(rx.foreach(SettingsState.sessions, _session), class_name="af-card-flush")
    return ui.section("Where you are signed in", lines, actions=(rx.cond(ui.length_of(SettingsState.sessions) > 1, others, rx.fragment()),))


def settings_page() -> rx.Component:
    """Render the page."""
    body = rx.cond(SettingsState.is_loading, ui.skeleton_rows(6), ui.stack(_profile(), _workspace(), _new_workspace(), _sessions(), gap=8))
    return shell_page(ui.page_header("Settings"), body, title="Settings")
