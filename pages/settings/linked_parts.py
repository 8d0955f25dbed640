"""The linked sign-ins of the security page; nothing where the installation has no provider."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded
from pages.settings.linked_state import LinkedState

_state: Any = LinkedState  # its attributes are Vars, which the type of the class does not say


def linking_result() -> rx.Component:
    """What came of linking a moment ago; stands at the top, where the browser comes back to."""
    done = rx.cond(_state.is_done, ui.callout("The sign-in is linked.", tone="green"))
    return rx.cond(_state.failure != "", ui.callout(_state.failure, tone="amber"), done)


def linked_section() -> rx.Component:
    """The section."""
    lines = rx.cond(_state.linked.length() > 0, ui.card(rx.foreach(_state.linked, _line), class_name="af-card-flush"))
    offers = ui.row(rx.foreach(_state.others, _offer), wrap=True)
    section = ui.section("Other ways to sign in", loaded(_state, ui.stack(lines, offers, gap=3), rows=1))
    return rx.cond((_state.problem != "") | (_state.linked.length() > 0) | (_state.others.length() > 0), section)


def _line(item: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(item.label, class_name="af-card-title"), rx.el.div(item.note, class_name="af-muted af-small"), class_name="af-grow-1"
    )
    off = ui.confirm(
        "Unlink this sign-in?",
        description="It opens your account no more. You can link it again.",
        confirm_label="Unlink",
        on_confirm=_state.unlink(item.id),
        trigger=ui.button("Unlink", size="sm"),
    )
    return rx.el.div(rx.icon("key_round", size=18), words, off, class_name="af-line")


def _offer(item: Any) -> rx.Component:
    wish = rx.el.input(type="hidden", name="links", value="1")
    return ui.post_form(wish, ui.post_submit(f"Link {item.label}", quiet=True), action=item.action)
