"""What stands in the way of a sensible run though it could be started: the findings with their remedies, in the question before a run."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, editor_var
from components.canvas.chrome import Counts, Doc, FindingLook, fix_buttons

DOUBTS = ("undeclared_input", "no_task")  # codes of hints that a run begun by hand is sure to meet


def _is_doubt(finding: Any) -> Any:
    first, *rest = DOUBTS
    found = finding.code == first
    for code in rest:
        found = found | (finding.code == code)
    return found


@rx.memo
def doubt_list() -> rx.Component:
    """The doubts as they stand now: one that is mended leaves the list."""
    findings = editor_var("findings", list[FindingLook])
    doc = editor_var("doc", Doc)

    def entry(finding: Any) -> rx.Component:
        place = rx.el.button(finding.label, type="button", on_click=act("jump", finding), class_name="af-link af-small")
        words = ui.stack(ui.dialog_close(place), rx.el.span(finding.message), rx.cond(doc.canEdit, fix_buttons(finding.fixes)), gap=2)
        return rx.cond(_is_doubt(finding), rx.el.li(words, class_name="af-doubt", key=finding.key))

    fine = rx.el.p("Nothing is in the way any more.", class_name="af-doubts-fine", role="status")
    return rx.el.div(rx.el.ul(rx.foreach(findings, entry), class_name="af-doubts"), fine)


@rx.memo
def run_word() -> rx.Component:
    """What the button under the list does."""
    counts = editor_var("counts", Counts)
    return rx.el.span(rx.cond(counts.errors + counts.warnings > 0, "Run anyway", "Run"))
