"""Reported reviews on the operators' page: what people wrote, what was reported of it, and the decision."""

from typing import Any

import reflex as rx

from components import ui
from components.reason import reason_dialog
from components.shell import loaded
from pages.moderation.reviews_state import ReportedState
from pages.offer.review_parts import star_marks

_state: Any = ReportedState


def _decision(one: Any) -> rx.Component:
    show = ui.button("Show again", icon="eye", size="sm", on_click=_state.show_again(one.id))
    keep = ui.button("Keep hidden", icon="eye_off", size="sm", on_click=_state.ask_hide(one.id))
    reported = ui.row(
        ui.button("Hide review", icon="eye_off", size="sm", on_click=_state.ask_hide(one.id)),
        ui.button("Dismiss reports", icon="check", size="sm", variant="ghost", on_click=_state.dismiss(one.id)),
        wrap=True,
    )
    hidden = rx.cond(one.state == "waiting", ui.row(show, keep, wrap=True), ui.row(show))
    return rx.fragment(rx.cond(one.is_hidden, hidden, reported))


def _reason(why: Any) -> rx.Component:
    texts = rx.foreach(why.texts, lambda said: rx.el.span(said, class_name="af-report-words"))
    return rx.el.li(rx.el.strong(why.label), texts)


def _hidden(one: Any) -> rx.Component:
    """When and by whom it was hidden, why, what its author answers, and what was decided on that."""
    appeal = ui.callout(rx.el.span(one.appeal, class_name="af-review-text"), title=f"Its author answered {one.appealed}: ", tone="amber")
    answer = ui.callout(one.answer, title="Looked at twice and kept hidden: ", tone="red")
    why = rx.cond(one.hidden_reason != "", one.hidden_reason, "No reason was kept.")
    return rx.fragment(
        ui.callout(why, title=f"{one.hidden}: "),
        rx.cond(one.appeal != "", appeal, rx.fragment()),
        rx.cond(one.answer != "", answer, rx.fragment()),
    )


def _review(one: Any) -> rx.Component:
    count = rx.cond(one.reports != "", ui.badge(one.reports, tone="amber", icon="flag"), rx.fragment())
    head = ui.row(ui.link(one.name, href=one.href), star_marks(one.stars), ui.spacer(), count, wrap=True)
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), ui.muted("Stars without words."))
    reason = rx.el.ul(rx.foreach(one.reasons, _reason), class_name="af-report-reasons", aria_label="Reasons")
    reasons = rx.cond(ui.length_of(one.reasons) > 0, reason, rx.fragment())
    hidden = rx.cond(one.is_hidden, _hidden(one), rx.fragment())
    about = ui.muted(one.author, " · ", one.about)
    return ui.card(rx.el.article(head, text, about, reasons, hidden, _decision(one), class_name="af-review"))


def _question() -> rx.Component:
    is_kept = _state.chosen.is_hidden
    return reason_dialog(
        rx.cond(is_kept, "Keep this review hidden?", "Hide this review?"),
        rx.cond(
            is_kept,
            "Its author gets a letter with the reason. It was looked at twice then, and this decision stands.",
            "It leaves the listing and its rating. Its author gets a letter with the reason and may answer once.",
        ),
        act=rx.cond(is_kept, "Keep it hidden", "Hide it"),
        state=_state,
        open=_state.is_hiding,
        on_open_change=_state.set_hiding,
        on_confirm=_state.hide,
    )


def _part(title: str, rows: Any) -> rx.Component:
    part = ui.section(title, ui.stack(rx.foreach(rows, _review), gap=4))
    return rx.fragment(rx.cond(ui.length_of(rows) > 0, part, rx.fragment()))


def reported_reviews() -> rx.Component:
    """Those that wait for a decision, appeals first, and below them the hidden ones."""
    nothing = ui.empty_state("Nothing is reported", "Reviews that people report stand here.", icon="circle_check")
    reported = ui.stack(rx.foreach(_state.rows, _review), gap=4)
    waiting = rx.cond(ui.length_of(_state.rows) > 0, reported, rx.cond(ui.length_of(_state.appeals) > 0, rx.fragment(), nothing))
    found = ui.stack(_part("Appeals", _state.appeals), waiting, _part("Hidden reviews", _state.hidden), gap=6)
    return rx.fragment(loaded(_state, found, rows=4, refused="This list is for operators"), _question())
