"""The pictures of a listing in the publish wizard."""

from typing import Any

import reflex as rx

from components import ui
from pages.sell.pictures_state import LONGEST_ALT, MOST, PicturesState

_state: Any = PicturesState
_UPLOAD = "listing-picture"
TYPES = {"image/png": [".png"], "image/jpeg": [".jpg", ".jpeg"], "image/webp": [".webp"]}


def _picture(one: Any) -> rx.Component:
    said = ui.text_field(
        "What it shows",
        name=f"alt-{one.id}",
        value=one.alt,
        on_change=lambda value: _state.describe(one.id, value),
        placeholder="The report with the three urgent tickets on top",
        max_length=LONGEST_ALT,
    )
    buttons = ui.row(
        ui.icon_button("arrow_up", label="Earlier", on_click=_state.move(one.id, -1), disabled=one.is_first),
        ui.icon_button("arrow_down", label="Later", on_click=_state.move(one.id, 1), disabled=one.is_last),
        ui.icon_button("trash_2", label="Take away", on_click=_state.remove(one.id)),
    )
    thumb = rx.el.img(src=one.href, alt="", class_name="af-shot-thumb")
    return rx.el.li(thumb, rx.el.div(said, buttons, class_name="af-shot-words"), key=one.id, class_name="af-shot-row")


def pictures_form(error: Any) -> rx.Component:
    """Choose, describe and order them; the first one stands on social cards."""
    icon = rx.icon("image_up", size=20, aria_hidden="true")
    choose = rx.upload(
        ui.stack(icon, rx.el.span("Choose a picture, or drop it here"), gap=1, class_name="af-drop-words"),
        id=_UPLOAD,
        accept=TYPES,
        max_files=1,
        max_size=2 * 1024 * 1024,
        multiple=False,
        on_drop=_state.take(rx.upload_files(upload_id=_UPLOAD)),
        on_drop_rejected=_state.refuse,
        class_name="af-drop",
    )
    wrong = rx.cond(_state.error != "", _state.error, error)
    told = rx.cond(wrong, rx.el.p(wrong, class_name="af-error", role="alert"))
    help_text = f"Up to {MOST}, PNG, JPEG or WebP, 2 MB each. The first one stands on social cards. Place and camera are taken out."
    listed = rx.el.ul(rx.foreach(_state.pictures, _picture), class_name="af-shot-list")
    full = ui.length_of(_state.pictures) >= MOST
    return ui.stack(
        rx.el.span("Pictures", class_name="af-label"),
        ui.muted(help_text),
        rx.cond(ui.length_of(_state.pictures) > 0, listed),
        rx.cond(full, rx.fragment(), choose),
        told,
        gap=2,
    )
