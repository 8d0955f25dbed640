"""Reported reviews on the operators' page: what people wrote, what was reported of it, and the decision."""

from typing import Any

import reflex as rx

from components import ui
from pages.moderation.reviews_state import ReportedState
from pages.offer.review_parts import star_marks

_state: Any = ReportedState


def _decision(one: Any) -> rx.Component:
    hidden = ui.row(ui.button("Show again", icon="eye", size="sm", on_click=_state.show_again(one.id)))
    reported = ui.row(
        ui.button("Hide review", icon="eye_off", size="sm", on_click=_state.ask_hide(one.id)),
        ui.button("Dismiss reports", icon="check", size="sm", variant="ghost", on_click=_state.dismiss(one.id)),
        wrap=True,
    )
    return rx.fragment(rx.cond(one.is_hidden, hidden, reported))


def _review(one: Any) -> rx.Component:
    count = rx.cond(one.reports != "", ui.badge(one.reports, tone="amber", icon="flag"), rx.fragment())
    head = ui.row(ui.link(one.name, href=one.href), star_marks(one.stars), ui.spacer(), count, wrap=True)
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), ui.muted("Stars without words."))
    reason = rx.el.ul(rx.foreach(one.reasons, lambda said: rx.el.li(said)), class_name="af-report-reasons", aria_label="Reasons")
    reasons = rx.cond(ui.length_of(one.reasons) > 0, reason, rx.fragment())
    return ui.card(rx.el.article(head, text, ui.muted(one.author, " · ", one.about), reasons, _decision(one), class_name="af-review"))


def _question() -> rx.Component:
    return ui.dialog(
        "Hide this review?",
        ui.stack(
            ui.muted("It leaves the listing and its rating. Its author gets a letter with the reason, and cannot write another one."),
            ui.text_area(
                "Reason",
                name="reason",
                value=_state.reason,
                on_change=_state.set_reason,
                rows=4,
                error=_state.errors["reason"],
                required=True,
            ),
        ),
        open=_state.is_hiding,
        on_open_change=_state.set_hiding,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Hide it", variant="danger", on_click=_state.hide)),
    )


def reported_reviews() -> rx.Component:
    """Those that wait for a decision, and below them the hidden ones."""
    nothing = ui.empty_state("Nothing is reported", "Reviews that people report stand here.", icon="circle_check")
    waiting = rx.cond(ui.length_of(_state.rows) > 0, ui.stack(rx.foreach(_state.rows, _review), gap=4), nothing)
    hidden = rx.cond(
        ui.length_of(_state.hidden) > 0,
        ui.section("Hidden reviews", ui.stack(rx.foreach(_state.hidden, _review), gap=4)),
        rx.fragment(),
    )
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This list is for operators", on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(4), ui.stack(waiting, hidden, gap=6)),
    )
    return rx.fragment(body, _question())
