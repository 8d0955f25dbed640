"""What must be asked: edits of this tab that met somebody else's edit of the same thing. The editor page mounts it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, editor_var


@dataclass(frozen=True)
class Conflict:
    """One edit that was not saved; the texts say what stands here and what stands there."""

    key: str
    label: str
    message: str
    fieldText: str  # noqa: N815 - the browser's name
    mineText: str  # noqa: N815 - the browser's name
    theirsText: str  # noqa: N815
    theirsTitle: str  # noqa: N815
    keepText: str  # noqa: N815


def _choice(title: Any, text: Any, button: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.div(title, class_name="af-label"), rx.el.div(text, class_name="af-conflict-text"), button)


def _conflict(one: Any) -> rx.Component:
    mine = ui.button("Use mine", size="sm", variant="primary", on_click=act("settle", one.key, "mine"))
    theirs = ui.button(one.keepText, size="sm", on_click=act("settle", one.key, "theirs"))
    sides = rx.el.div(
        _choice("Yours", one.mineText, mine), _choice(one.theirsTitle, one.theirsText, theirs), class_name="af-conflict-sides"
    )
    head = rx.el.div(rx.el.strong(one.label), " · ", one.fieldText)
    return rx.el.li(head, ui.muted(one.message), sides, key=one.key, class_name="af-conflict")


@rx.memo
def conflict_panel() -> rx.Component:
    """Asks for each conflict which version shall stand; nothing is overwritten until somebody chooses."""
    conflicts = editor_var("conflicts", list[Conflict])
    head = rx.el.h2("Two changes of the same thing", class_name="af-conflict-title")
    words = ui.muted("Everything else was merged. Choose for each of these which version shall stand.")
    panel = rx.el.section(
        head, words, rx.el.ul(rx.foreach(conflicts, _conflict)), class_name="af-conflicts", role="alertdialog", aria_label="Conflicts"
    )
    return rx.cond(ui.length_of(conflicts) > 0, panel)
