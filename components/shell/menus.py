"""The workspace switcher and the user menu."""

from typing import Any, Literal

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell.places import PLACES


def _workspace_item(space: Any) -> rx.Component:
    return ui.menu_item(
        ui.row(ui.avatar(space.initials, size=20, square=True), rx.el.span(space.name, class_name="af-truncate"), gap=2),
        hint=rx.cond(space.is_current, "✓", space.role),
        on_click=rx.cond(space.is_current, rx.noop(), SessionState.switch_workspace(space.id)),
    )


def workspace_switcher() -> rx.Component:
    """The current workspace; opens the list of the others."""
    trigger = rx.el.button(
        ui.avatar(SessionState.workspace.initials, size=26, square=True),
        rx.el.span(SessionState.workspace.name, class_name="af-truncate af-switcher-name"),
        rx.icon("chevrons_up_down", size=14, aria_hidden="true"),
        type="button",
        aria_label="Switch workspace",
        class_name="af-switcher",
    )
    return ui.menu(
        trigger,
        ui.menu_label("Workspaces"),
        rx.foreach(SessionState.workspaces, _workspace_item),
        ui.menu_separator(),
        ui.menu_item("Workspace settings", icon="settings", on_click=rx.redirect("/settings/workspace")),
        ui.menu_item(
            "New workspace", icon="plus", on_click=[rx.redirect("/settings/workspace#new-workspace"), ui.focus_on("#field-fresh_name")]
        ),
    )


def _mode_item(label: str, mode: Literal["light", "dark", "system"], icon: str) -> rx.Component:
    return ui.menu_item(label, icon=icon, hint=rx.cond(rx.color_mode == mode, "✓", ""), on_click=rx.style.set_color_mode(mode))


def _trigger(narrow: bool) -> rx.Component:
    words = [
        rx.el.span(SessionState.me.name, class_name="af-truncate af-switcher-name"),
        rx.icon("ellipsis", size=14, aria_hidden="true"),
    ]
    return rx.el.button(
        ui.avatar(SessionState.me.initials, size=26),
        *([] if narrow else words),
        type="button",
        aria_label="Your account",
        class_name="af-button af-button-ghost af-icon-button" if narrow else "af-switcher",
    )


def _narrow_places() -> list[rx.Component]:
    """What the bars of narrow screens have no room for."""
    return [
        *(ui.menu_item(one.label, icon=one.icon, on_click=rx.redirect(one.href)) for one in PLACES if not one.in_bottom_bar),
        ui.menu_separator(),
        ui.menu_label("Workspaces"),
        rx.foreach(SessionState.workspaces, _workspace_item),
    ]


def user_menu(*, narrow: bool = False) -> rx.Component:
    """Who is signed in, the colour theme, sign out."""
    return ui.menu(
        _trigger(narrow),
        ui.menu_label(SessionState.me.email),
        ui.menu_item("Settings", icon="settings", on_click=rx.redirect("/settings")),
        *(_narrow_places() if narrow else []),
        ui.menu_separator(),
        ui.menu_label("Theme"),
        _mode_item("Light", "light", "sun"),
        _mode_item("Dark", "dark", "moon"),
        _mode_item("System", "system", "monitor"),
        ui.menu_separator(),
        ui.menu_item("Sign out", icon="log_out", on_click=rx.call_script("window.dispatchEvent(new Event('af:sign-out'))")),
        align="end" if narrow else "start",
        side="bottom" if narrow else "top",
    )
