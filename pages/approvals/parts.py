"""The decision card: what is asked, what to fill in, and the answers as buttons."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.forms.answers import answer_input, forget_answers, kept_answers
from components.ui import Event
from pages.approvals.state import DecisionState

_state: Any = DecisionState  # its attributes are Vars, which the type of the class does not say


def decision_card(item: Any, *, show_run: bool = True) -> rx.Component:
    """One decision; a decided one shows the answer instead of buttons."""
    where = ui.row(
        ui.status_badge(item.status),
        ui.muted("asked ", item.asked),
        rx.cond(item.expires != "", ui.muted("expires ", item.expires)),
        rx.cond(item.asked_of != "", ui.muted("assigned to ", item.asked_of)),
        rx.cond(item.overdue != "", rx.cond(item.is_overdue, ui.badge(item.overdue, tone="amber"), ui.muted(item.overdue))),
        ui.spacer(),
        ui.link(item.run_title, href=item.run_href, class_name="af-link af-small") if show_run else rx.fragment(),
        wrap=True,
    )
    message = rx.cond(item.message != "", rx.el.div(ui.markdown(item.message), class_name="af-decision-message"))
    return ui.card(
        where,
        rx.el.div(
            ui.stack(rx.el.h3(item.title), message, gap=3, class_name="af-decision-about"),
            rx.cond(item.status == "pending", _answer_form(item), _answer(item)),
            class_name="af-decision",
        ),
        key=item.id,
        custom_attrs={"data-approval": item.id},
    )


def _answer_form(item: Any) -> rx.Component:
    note = rx.el.textarea(
        placeholder="A note for the record (optional)",
        aria_label="Note",
        rows="2",
        max_length=4000,
        on_blur=lambda text: _state.set_note(item.id, text),
        class_name="af-input af-textarea af-decision-note",
        custom_attrs={"data-answer": ""},
    )
    problem = _state.errors[item.id]
    buttons = ui.row(rx.foreach(item.buttons, lambda button: _decide_button(item, button)), wrap=True)
    questions = ui.stack(rx.foreach(item.fields, lambda field: _question(item, field)), gap=3, class_name="af-decision-fields")
    form = ui.stack(
        rx.cond(item.fields.length() > 0, questions),
        note,
        rx.cond(problem, rx.el.div(problem, class_name="af-error", role="alert")),
        rx.cond(item.may_stay_empty != "", ui.muted(item.may_stay_empty)),
        buttons,
        gap=3,
        class_name="af-decision-form",
    )
    kept = kept_answers(form, owner=SessionState.me.email, place=item.id, on_restore=lambda texts: _state.restore(item.id, texts))
    return rx.cond(
        item.can_decide,
        kept,
        ui.callout(
            rx.cond(item.asked_of != "", f"{item.asked_of} has to decide this.", "Somebody else has to decide this."), tone="neutral"
        ),
    )


def _question(item: Any, field: Any) -> rx.Component:
    def keep(name: Any, value: Any) -> Event:
        return _state.set_value(item.id, name, value)

    return answer_input(field, prefix=item.id, on_answer=keep, error=_state.errors[f"{item.id}/{field.name}"])


def _decide_button(item: Any, button: Any) -> rx.Component:
    style = rx.match(button.style, ("primary", "af-button-primary"), ("danger", "af-button-danger"), "")
    return rx.el.button(
        button.label,
        type="button",
        disabled=_state.deciding == item.id,
        on_click=_state.decide(item.id, button.id),
        class_name=f"af-button {style}",
    )


def _answer(item: Any) -> rx.Component:
    note = rx.cond(item.note != "", rx.el.blockquote(item.note, class_name="af-muted"))
    filled_in = rx.foreach(item.filled_in, lambda one: rx.el.div(ui.muted(one.label), rx.el.div(one.text, class_name="af-filled-in")))
    return ui.stack(ui.row(rx.el.strong(item.answer), ui.muted(item.decided)), filled_in, note, forget_answers(item.id), gap=2)
