"""How buyers see the creator: the card on the seller's page, and the dialog that changes it."""

from typing import Any

import reflex as rx

from components import ui
from pages.creator.parts import face
from pages.sell.pictures_parts import TYPES
from pages.sell.profile_state import ProfileState

_state: Any = ProfileState
_UPLOAD = "creator-picture"


def profile() -> rx.Component:
    """Name, text and picture as they are, and the way to change them."""
    shown = _state.shown
    empty = (shown.about == "") & (shown.website == "") & (shown.picture == "")
    about = rx.cond(
        empty,
        ui.muted("Your page has no text and no picture yet. Say who is behind your listings: people buy from people."),
        rx.el.p(shown.about, class_name="af-small af-lines"),
    )
    page = rx.cond(
        shown.creator_id != "",
        ui.link("See your page", href=f"/marketplace/creators/{shown.creator_id}", class_name="af-small"),
        ui.muted("Your page opens with your first listing on the shelf."),
    )
    edit = ui.button("Edit", icon="pencil", size="sm", on_click=_state.edit)
    words = ui.stack(rx.el.strong(shown.shown_name), about, ui.row(page, ui.spacer(), edit, wrap=True), gap=2, class_name="af-grow-1")
    card = ui.card(rx.el.div(face(shown.picture_href, _state.initials), words, class_name="af-creator-row"))
    cleared = ui.callout(shown.cleared_reason, title="Operators have emptied your profile: ", tone="red")
    told = rx.cond(shown.cleared_reason != "", cleared, rx.fragment())
    section = ui.section("How buyers see you", ui.stack(told, card, _dialog(), gap=3))
    return rx.cond(shown.shown_name != "", section, rx.fragment())


def _text(label: str, name: str, **props: Any) -> rx.Component:
    make = ui.text_area if "rows" in props else ui.text_field
    return make(
        label,
        name=f"creator-{name}",
        value=_state.form[name],
        on_change=lambda value: _state.set_field(name, value),
        error=_state.errors[name],
        **props,
    )


def _dialog() -> rx.Component:
    fields = ui.stack(
        _picture(),
        _text("Name", "name", help="Empty: the name of this workspace. All your listings stand under it.", max_length=60),
        _text("About you", "about", rows=4, help="Plain text, 500 characters at most.", max_length=500),
        _text("Website", "website", type="url", placeholder="https://example.com", hint="Optional"),
        gap=4,
    )
    return ui.dialog(
        "How buyers see you",
        fields,
        open=_state.is_open,
        on_open_change=_state.set_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Save", variant="primary", loading=_state.is_saving, on_click=_state.save),
        ),
        asked_by="profile",
    )


def _picture() -> rx.Component:
    words = rx.el.span(rx.cond(_state.picture != "", "Choose another picture", "Choose a picture"))
    choose = rx.upload(
        ui.row(rx.icon("image_up", size=16, aria_hidden="true"), words, gap=2),
        id=_UPLOAD,
        accept=TYPES,
        max_files=1,
        max_size=2 * 1024 * 1024,
        multiple=False,
        on_drop=_state.take(rx.upload_files(upload_id=_UPLOAD)),
        on_drop_rejected=_state.refuse,
        class_name="af-drop af-drop-small",
    )
    away = rx.cond(_state.picture != "", ui.button("Take it away", size="sm", variant="ghost", on_click=_state.drop), rx.fragment())
    wrong = _state.errors["picture"]
    told = rx.cond(wrong, rx.el.p(wrong, class_name="af-error", role="alert"), ui.muted("PNG, JPEG or WebP, from 200 pixels a side, 2 MB."))
    beside = ui.stack(ui.row(choose, away, wrap=True), told, gap=2)
    return rx.el.div(face(_state.picture_href, _state.initials), beside, class_name="af-creator-row")
