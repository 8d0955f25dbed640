"""The reviews of a listing: how the stars are spread, one's own, and what others say."""

from typing import Any

import reflex as rx

from app.services.market import GROUNDS
from app.session import SessionState
from components import ui
from components.appeal import appeal_dialog
from pages.offer.report_state import HiddenReviewState, ReportState
from pages.offer.review_state import ReviewsState

_state: Any = ReviewsState
_report: Any = ReportState
_hiding: Any = HiddenReviewState
VERIFIED = "Only people who have run it to the end, and whose workspace has paid where it has a price, can review it."
ONE_CLICK_MS = 800  # a second click within this time is the same one


def star_marks(number: Any) -> rx.Component:
    """Five stars, so many of them filled."""
    marks = [rx.cond(number >= at, rx.icon("star", size=13, fill="currentColor"), rx.icon("star", size=13)) for at in range(1, 6)]
    return rx.el.span(*marks, class_name="af-stars", role="img", aria_label=f"{number} of 5 stars")


def _spread() -> rx.Component:
    def line(one: Any) -> rx.Component:
        bar = rx.el.div(rx.el.div(class_name="af-progress-fill", style={"width": f"{one.percent}%"}), class_name="af-progress af-grow-1")
        return ui.row(
            ui.muted(one.stars, rx.cond(one.stars == 1, " star", " stars")), bar, ui.muted(one.number), class_name="af-spread-line"
        )

    return ui.stack(rx.foreach(_state.spread, line), gap=1)


def _summary() -> rx.Component:
    """The mean of all and how many there are, and who may write one."""
    number = rx.el.strong(_state.mean, class_name="af-review-mean")
    count = rx.el.span(_state.total, rx.cond(_state.total == 1, " review", " reviews"), class_name="af-muted af-small")
    mark = rx.icon("star", size=18, fill="currentColor", aria_hidden="true")
    mean = rx.el.span(mark, number, rx.el.span(" of 5 stars", class_name="af-sr"), class_name="af-stars")
    return ui.stack(ui.row(mean, count), ui.muted(VERIFIED), gap=1)


def _form() -> rx.Component:
    choices = [
        rx.el.button(
            rx.cond(_state.stars >= at, rx.icon("star", size=22, fill="currentColor"), rx.icon("star", size=22)),
            type="button",
            role="radio",
            aria_checked=_state.stars == at,
            aria_label=f"{at} stars" if at > 1 else "1 star",
            on_click=_state.set_stars(at),
            class_name="af-star-button",
        )
        for at in range(1, 6)
    ]
    label = rx.cond(_state.is_written, "Save review", "Publish review")
    error = rx.cond(_state.errors["stars"], rx.el.div(_state.errors["stars"], class_name="af-error", role="alert"), rx.fragment())
    return ui.stack(
        rx.el.h3("Your review", class_name="af-card-title"),
        rx.el.div(*choices, role="radiogroup", aria_label="Stars", class_name="af-row"),
        error,
        ui.text_area(
            "What should others know?",
            name="review",
            value=_state.text,
            on_change=_state.set_text,
            rows=3,
            error=_state.errors["text"],
        ),
        ui.row(ui.button(label, variant="primary", loading=_state.is_sending, on_click=_state.submit.throttle(ONE_CLICK_MS))),
    )


def _review(one: Any) -> rx.Component:
    ran = ui.badge("Verified", tone="green", icon="badge_check", title="Has run it to the end before writing this")
    who = (ui.avatar(one.initials), rx.el.strong(one.author), ran, star_marks(one.stars))
    head = ui.row(*who, ui.spacer(), ui.muted(one.about), wrap=True)
    helpful = rx.cond(
        one.is_mine,
        rx.cond(one.helpful > 0, ui.muted(one.helpful, " found this helpful"), rx.fragment()),
        ui.button(
            rx.fragment("Helpful ", one.helpful),
            icon="thumbs_up",
            size="sm",
            variant="ghost",
            disabled=one.is_voted,
            on_click=_state.vote(one.id),
        ),
    )
    report = rx.cond(
        one.is_mine | one.is_reported,
        rx.fragment(),
        ui.button("Report", size="sm", variant="ghost", on_click=_report.ask(one.id)),
    )
    answer = rx.cond(
        _state.can_reply,
        ui.button(rx.cond(one.reply != "", "Edit reply", "Reply"), size="sm", variant="ghost", on_click=_state.ask_reply(one.id)),
        rx.fragment(),
    )
    replied = rx.cond(one.reply != "", ui.callout(one.reply, title="The creator answers: "), rx.fragment())
    writing = rx.cond(
        _state.can_reply & (_state.reply_id == one.id),
        ui.stack(
            ui.text_area("Your reply", name="reply", value=_state.reply_text, on_change=_state.set_reply_text, rows=3),
            ui.row(ui.button("Publish reply", variant="primary", size="sm", on_click=_state.reply)),
        ),
        rx.fragment(),
    )
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), rx.fragment())
    back = rx.cond(one.is_mine, _take_back(), rx.fragment())
    deeds = rx.cond(SessionState.is_visitor, rx.fragment(), ui.row(helpful, report, answer, back))
    return rx.el.article(head, text, replied, writing, deeds, class_name="af-review")


def _take_back() -> rx.Component:
    return ui.confirm(
        "Take your review back?",
        description="Your stars and words are deleted, with the creator's answer. You may write another one later.",
        confirm_label="Take it back",
        on_confirm=_state.take_back,
        trigger=ui.button("Take review back", icon="trash_2", size="sm", variant="ghost"),
    )


def _report_dialog() -> rx.Component:
    about = ui.muted("The operators of this installation read your report. Its author does not learn who reported it.")
    ground = ui.select(
        "What is wrong with it?",
        [("", "Choose a reason"), *GROUNDS.items()],
        name="ground",
        value=_report.ground,
        on_change=_report.set_ground,
        error=_report.errors["ground"],
        required=True,
    )
    more = ui.text_area(
        "In your words",
        name="reason",
        value=_report.text,
        on_change=_report.set_text,
        rows=3,
        hint=rx.cond(_report.ground == "other", "", "Optional"),
        error=_report.errors["reason"],
        max_length=500,
    )
    return ui.dialog(
        "Report this review",
        ui.stack(about, ground, more),
        open=_report.review_id != "",
        on_open_change=_report.set_open,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Send report", variant="primary", on_click=_report.send)),
    )


def _hidden() -> rx.Component:
    """One's own review out of sight: why, one's answer to that, and what came of it."""
    one = _state.hidden
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), rx.fragment())
    mine = rx.el.article(ui.row(star_marks(one.stars), ui.spacer(), ui.muted(one.about), wrap=True), text, class_name="af-review")
    answered = rx.cond(
        one.appeal != "", ui.callout(rx.el.span(one.appeal, class_name="af-review-text"), title="You answered: "), rx.fragment()
    )
    act = rx.match(
        one.state,
        ("waiting", ui.muted("An operator looks at it again. You get a letter about that.")),
        ("kept", ui.callout(one.answer, title="It was looked at twice and stays hidden: ", tone="red")),
        ui.row(ui.button("Answer", size="sm", on_click=_hiding.ask(one.id, ""))),
    )
    why = ui.callout(one.reason, title="Operators of this installation have hidden your review: ", tone="red")
    return ui.stack(rx.el.h3("Your review", class_name="af-card-title"), mine, why, answered, act)


def reviews() -> rx.Component:
    """The whole part."""
    asked = rx.fragment(_report_dialog(), appeal_dialog("Answer about your review", state=_hiding))
    writing = rx.cond(_state.obstacle == "", _form(), ui.muted(_state.obstacle))
    mine = rx.cond(_state.hidden.id != "", _hidden(), writing)
    others = rx.cond(
        _state.total > 0, ui.stack(_summary(), _spread(), rx.foreach(_state.rows, _review), gap=5), ui.muted("No reviews yet.")
    )
    return ui.section("Reviews", ui.card(ui.stack(others, ui.divider(), mine, gap=4)), asked)
