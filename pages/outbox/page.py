"""The outbox of development: every e-mail the installation would have sent."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import brand
from pages.outbox.state import OutboxState

_state: Any = OutboxState  # its attributes are Vars, which the type of the class does not say


def outbox_page() -> rx.Component:
    """Render the page."""
    empty = ui.empty_state("No e-mail yet", "Invite somebody or reset a password; the letter appears here.", icon="mail")
    letters = rx.cond(_state.letters.length() > 0, ui.stack(rx.foreach(_state.letters, _letter), gap=4), empty)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="There is no outbox here"),
        rx.cond(_state.is_loading, ui.skeleton_cards(2), letters),
    )
    note = "E-mails of this installation. It has no mail server (AF_SMTP_URL), so they stay here; in production this page does not exist."
    again = ui.button("Look again", icon="rotate_cw", on_click=_state.load)
    return rx.el.main(brand(), ui.page_header("Outbox", description=note, actions=(again,)), body, class_name="af-outbox")


def _letter(letter: Any) -> rx.Component:
    head = ui.row(rx.el.div(letter.subject, class_name="af-card-title af-grow-1"), ui.muted(letter.when), gap=3)
    follow = rx.cond(letter.link != "", ui.row(ui.link_button("Open the link", href=letter.link, icon="arrow_right")))
    return ui.card(
        ui.stack(head, ui.muted("to ", letter.receiver), rx.el.pre(letter.text, class_name="af-letter"), follow, gap=3), role="article"
    )
