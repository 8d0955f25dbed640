"""The end of a workspace, on its general page: for owners, behind its name and the password."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.deletion_state import DeletionState

_state: Any = DeletionState  # its attributes are Vars, which the type of the class does not say


def deletion_section() -> rx.Component:
    """The danger zone; nothing for who is no owner."""
    help = rx.fragment("Closed for everybody at once. Its owners can restore it for ", _state.shown.days, " days.")
    zone = danger_zone("Delete this workspace", help, ui.button("Delete workspace", icon="trash_2", variant="danger", on_click=_state.ask))
    title = rx.fragment("Delete “", _state.shown.name, "”?")
    return rx.fragment(rx.cond(_state.shown.id != "", zone), deletion_dialog(_state, title, ui.stack(_what_goes(), _form(), gap=4)))


def danger_zone(title: str, help: ui.Node, button: rx.Component) -> rx.Component:
    """What cannot be taken back, at the end of a page."""
    words = rx.el.div(
        rx.el.div(title, class_name="af-card-title"),
        rx.el.div(help, class_name="af-muted af-small"),
        class_name="af-grow-1",
        style={"min_width": "240px"},
    )
    return ui.section("Danger zone", ui.card(ui.row(words, button, wrap=True, gap=4)))


def deletion_dialog(state: Any, title: ui.Node, body: rx.Component) -> rx.Component:
    """What stands in the way, or else what goes and the form."""
    shown = rx.cond(state.shown.obstacles.length() > 0, _obstacles(state.shown.obstacles), body)
    return ui.dialog(title, shown, open=state.is_open, on_open_change=state.close, width="500px")


def _obstacles(found: Any) -> rx.Component:
    """What has to be settled first, each with its remedy and where."""
    lines = rx.el.ul(rx.foreach(found, _obstacle), class_name="af-plain-list af-stack", aria_label="In the way")
    return ui.callout("It cannot be deleted before this is settled.", lines, tone="amber", title="Not yet. ")


def _obstacle(one: Any) -> rx.Component:
    where = ui.link("Go there", href=one.path, class_name="af-link")
    return rx.el.li(rx.el.strong(one.text), " ", one.remedy, " ", where)


def _what_goes() -> rx.Component:
    return ui.stack(
        ui.muted(
            "Nobody can open it any more, keys and webhooks of it stop working, its schedules stop and its runs are cancelled. ",
            "After ", _state.shown.days, " days everything in it is destroyed", _state.things, ".", small=False,
        ),
        rx.cond(_state.buyers != "", ui.muted(_state.buyers, " of its listings; nobody else gets them.", small=False)),
        rx.foreach(_state.shown.ends, lambda title: ui.muted("“", title, "” ends with the month that is paid.", small=False)),
        gap=2,
    )  # fmt: skip


def _form() -> rx.Component:
    return ui.post_form(
        ui.post_field("Name of the workspace", name="name", help="Type it exactly as it is."),
        *proof_fields(_state.shown),
        ui.post_submit("Delete this workspace", danger=True),
        action=f"/api/v1/workspaces/{_state.shown.id}/delete",
    )


def proof_fields(shown: Any) -> tuple[rx.Component, rx.Component]:
    """The password and the code, each where it is asked for."""
    password = ui.post_field("Your password", name="password", type="password", autocomplete="current-password")
    code = ui.post_field("Code", name="code", autocomplete="one-time-code", help="Of your authenticator app, or a recovery code.")
    return rx.cond(shown.needs_password, password), rx.cond(shown.needs_code, code)
