"""The share button and its dialog: people by name, everybody in the workspace, and whose it is."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from pages.sharing.present import ACCESS, CHANGES, EVERYONE
from pages.sharing.state import SharingState

_state: Any = SharingState  # its attributes are Vars, which the type of the class does not say
_session: Any = SessionState
_sheet = _state.sheet


def share_button(kind: str) -> rx.Component:
    """Opens the dialog about the open agent or workflow."""
    return ui.icon_button("users", label="Share", tip=False, title="Share", on_click=_state.open(kind))


def share_dialog() -> rx.Component:
    """Every change counts at once; Done only closes."""
    done = ui.dialog_close(ui.button("Done", variant="primary"))
    return ui.dialog(
        rx.cond(_sheet.name != "", f"Share “{_sheet.name}”", "Share"),
        rx.cond(_state.is_loading, ui.skeleton_rows(3), _body()),
        open=_state.is_open,
        on_open_change=_state.close,
        footer=(done,),
        width="560px",
    )


def _body() -> rx.Component:
    error = rx.cond(_state.error != "", rx.el.div(_state.error, class_name="af-error", role="alert"))
    people = ui.card(_owner(), rx.foreach(_state.people, _person), _everyone(), class_name="af-card-flush")
    told = f"It uses {_sheet.lacking}, which somebody who may run this may not run. Their runs fail until that is shared with them, too."
    share = ui.button("Share those too", size="sm", icon="users", on_click=_state.share_needed)
    ask = ui.muted("Ask its owner, or an owner or admin of the workspace.", class_name="af-small")
    narrower = ui.callout(ui.stack(told, rx.cond(_sheet.can_share_lacking, ui.row(share), ask), gap=2), tone="amber")
    rule = "Owners and admins of the workspace always have access. A role stays the limit: viewers only look."
    always = ui.muted(rule, class_name="af-small")
    return ui.stack(
        rx.cond(_sheet.can_manage, _adding()),
        error,
        people,
        rx.cond(_state.heir.user_id != "", _question()),
        rx.cond(_sheet.lacking != "", narrower),
        always,
        gap=3,
    )


def _adding() -> rx.Component:
    box = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Add people by name or e-mail", width="100%")
    access = rx.el.select(
        *ui.options(ACCESS),
        value=_state.access,
        on_change=_state.choose_access,
        aria_label="Access to give",
        class_name="af-input af-role-select",
    )
    nobody = ui.muted("Nobody else fits. People are invited under Settings, Members.", class_name="af-small")
    hits = rx.cond(_state.found.length() > 0, ui.card(rx.foreach(_state.found, _hit), class_name="af-card-flush"), nobody)
    return ui.stack(
        rx.el.div(rx.el.div(box, class_name="af-grow-1"), access, class_name="af-row"), rx.cond(_state.search != "", hits), gap=2
    )


def _hit(person: Any) -> rx.Component:
    add = rx.el.span(rx.icon("plus", size=13, aria_hidden="true"), "Add", class_name="af-row af-small af-nowrap")
    return rx.el.button(
        ui.avatar(person.initials, size=28),
        _words(person),
        add,
        type="button",
        on_click=_state.add(person.user_id),
        aria_label=f"Add {person.name}",
        class_name="af-line",
        key=person.user_id,
    )


def _words(person: Any) -> rx.Component:
    name = ui.row(rx.el.span(person.name, class_name="af-truncate"), rx.cond(person.is_me, ui.badge("You", tone="accent")), gap=2)
    note = rx.cond(person.note != "", rx.el.div(person.note, class_name="af-small af-warn"))
    return rx.el.div(name, rx.el.div(person.email, class_name="af-muted af-small af-truncate"), note, class_name="af-grow-1")


def _owner() -> rx.Component:
    nobody = rx.el.div("Nobody owns it; admins look after it.", class_name="af-grow-1 af-muted")
    somebody = rx.fragment(ui.avatar(_sheet.owner.initials, size=28), _words(_sheet.owner))
    return rx.el.div(rx.cond(_sheet.owner.user_id != "", somebody, nobody), ui.badge("Owner"), class_name="af-line")


def _person(person: Any) -> rx.Component:
    choose = rx.el.select(
        *ui.options(rx.Var.create(CHANGES)),
        value=person.access,
        on_change=lambda access: _state.set_access(person.user_id, access),
        aria_label=f"Access of {person.name}",
        class_name="af-input af-size-sm af-role-select",
    )
    access = rx.cond(_sheet.can_manage, choose, ui.badge(person.label))
    return rx.el.div(ui.avatar(person.initials, size=28), _words(person), access, class_name="af-line", key=person.user_id)


def _everyone() -> rx.Component:
    choose = rx.el.select(
        *ui.options(EVERYONE),
        value=_sheet.everyone,
        on_change=_state.set_everyone,
        aria_label="Everybody in the workspace",
        class_name="af-input af-size-sm af-share-everyone",
    )
    words = rx.el.div(
        rx.el.div(f"Everybody in {_session.workspace.name}", class_name="af-truncate"),
        rx.el.div(_sheet.everyone_note, class_name="af-muted af-small"),
        class_name="af-grow-1",
    )
    picture = rx.el.span(rx.icon("building_2", size=15, aria_hidden="true"), class_name="af-avatar")
    return rx.el.div(picture, words, rx.cond(_sheet.can_manage, choose, ui.badge(_sheet.everyone_label)), class_name="af-line af-share-all")


def _question() -> rx.Component:
    name = _state.heir.name
    told = f"{name} will decide whom it is shared with. Whoever owns it now keeps editing it."
    give = ui.button(f"Make {name} the owner", size="sm", variant="primary", on_click=_state.give)
    buttons = ui.row(ui.button("Cancel", size="sm", on_click=_state.keep_owner), give)
    return ui.callout(ui.stack(told, buttons, gap=2), tone="accent", icon="crown")
