"""The editor's menu: history, settings, export, copy and delete of the open workflow."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, editor_var
from pages.workflow.menu_state import WorkflowMenuState
from pages.workflow.state import EditorState

_state: Any = WorkflowMenuState  # its attributes are Vars, which the type of the class does not say
_editor: Any = EditorState


@rx.memo
def workflow_menu() -> rx.Component:
    """Opens from the bar."""
    can_edit = editor_var("doc", dict[str, bool])["canEdit"]
    trigger = ui.icon_button("ellipsis", label="More about this workflow", tip=False)
    edit = rx.fragment(
        ui.menu_item("Tidy up", icon="network", hint="Ctrl Shift L", on_click=act("tidy")),
        ui.menu_item("Make a copy", icon="copy_plus", on_click=_state.duplicate),
    )
    delete = rx.fragment(ui.menu_separator(), ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.set_asking(True)))
    return ui.menu(
        trigger,
        ui.menu_item("History and versions", icon="history", on_click=act("side", "history")),
        ui.menu_item("Tests", icon="flask_conical", on_click=_state.open_tests),
        ui.menu_item("Settings and limits", icon="settings_2", on_click=act("side", "settings")),
        ui.menu_item("Triggers", icon="alarm_clock", on_click=rx.redirect(_editor.triggers_href)),
        ui.menu_separator(),
        rx.cond(can_edit, edit),
        ui.menu_item("Export as YAML", icon="download", on_click=_state.export),
        ui.menu_item("Keyboard and mouse", icon="keyboard", hint="?", on_click=act("sheet")),
        rx.cond(can_edit, delete),
        align="end",
    )


def delete_question() -> rx.Component:
    """Asks before the workflow goes."""
    return ui.confirm(
        "Delete this workflow?",
        description="It leaves the list. Its runs stay readable.",
        confirm_label="Delete",
        on_confirm=_state.delete,
        open=_state.asks_delete,
        on_open_change=_state.set_asking,
    )
