"""The quiet line below the canvas that offers a run to look at: one's own last one, or a colleague's that is going."""

from typing import Any

import reflex as rx

from components import ui
from pages.workflow.lately_state import LatelyState
from pages.workflow.run_state import EditorRunState

_state: Any = LatelyState  # its attributes are Vars, which the type of the class does not say
_run: Any = EditorRunState.run


def lately_line() -> rx.Component:
    """Somebody else's run comes first; one's own last run is offered while no run is shown."""
    other, last = _state.other, _state.last
    by = rx.cond(other.by != "", other.by, "Somebody")
    theirs = _line("af-lately-other", rx.el.span(by, " started a run"), other, "Watch")
    badge = rx.fragment(rx.el.span("Last run"), ui.status_badge(last.status), ui.muted(last.started))
    mine = rx.cond((last.id != "") & (_run.id == ""), _line("af-lately-last", badge, last, "Show"))
    shown = rx.cond((other.id != "") & (other.id != _run.id), theirs, mine)
    return rx.fragment(shown, ui.pulse(_state.look, every_s=5))


def _line(name: str, words: rx.Component, run: Any, verb: str) -> rx.Component:
    show = ui.button(verb, icon="eye", size="sm", on_click=_state.show(run.id))
    away = ui.icon_button("x", label="Do not offer this run", size="sm", on_click=_state.close)
    line = ui.row(words, ui.spacer(), show, away, gap=3)
    return rx.el.section(line, class_name="af-lately", aria_label="Recent run", id=name, role="status")
