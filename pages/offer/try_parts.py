"""Trying a listing on its page, before it is installed or paid."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.answers import answer_input
from pages.offer.state import OfferState
from pages.offer.try_state import TryState

_state: Any = TryState
_offer: Any = OfferState
ABOUT = (
    "One run with the demo model. Calls to other systems are stood in for, and it is forgotten after a day. Where a person would be asked, "
    "it stops and shows you the question."
)


def try_it() -> rx.Component:
    """Form, button and result."""
    questions = ui.stack(rx.foreach(_state.fields, _field), gap=4, key=_state.form_version.to_string())
    form = rx.cond(ui.length_of(_state.fields) > 0, questions, rx.fragment())
    press = ui.row(
        ui.button("Try it", icon="play", loading=_state.is_running, on_click=_state.start),
        rx.cond(_state.is_running, rx.el.span("Running…", class_name="af-muted af-small", role="status"), rx.fragment()),
        wrap=True,
    )
    result = rx.cond(_state.result.is_done, rx.cond(_state.result.question != "", _question(), _result()), rx.fragment())
    failed = rx.cond(_state.problem != "", ui.callout(_state.problem, tone="amber"), rx.fragment())
    inside = ui.card(ui.stack(ui.muted(ABOUT), _examples(), form, press, failed, rx.el.div(result, aria_live="polite"), gap=4))
    offered = rx.cond(_offer.offer.is_visitor | _offer.offer.can_install, ui.section("Try it", inside, id="try"), rx.fragment())
    return rx.cond(_offer.offer.is_intact, offered, rx.fragment())


def _result() -> rx.Component:
    found = _state.result
    pressed = rx.cond(found.pressed != "", ui.muted("You pressed ", found.pressed, "."), rx.fragment())
    head = ui.row(rx.el.strong("Result", class_name="af-small"), ui.spacer(), ui.muted("Demo model · ", found.took))
    return ui.stack(head, pressed, ui.value_view(found.output, label="Result of the trial", is_answer=True), gap=2)


def _question() -> rx.Component:
    """What a person would be asked, and the buttons to go on with."""
    found = _state.result
    message = rx.cond(found.message != "", rx.el.div(ui.markdown(found.message), class_name="af-decision-message"), rx.fragment())
    return ui.callout(
        ui.stack(
            ui.muted("In your workspace nothing goes on until somebody answers. Press a button to see what follows."),
            rx.el.strong(found.title),
            message,
            rx.cond(found.besides != "", ui.muted(found.besides), rx.fragment()),
            ui.row(rx.foreach(found.buttons, _answer_button), wrap=True),
            gap=3,
        ),
        tone="amber",
        icon="hand",
        title="It would wait for a person here",
    )


def _answer_button(button: Any) -> rx.Component:
    style = rx.match(button.style, ("primary", "af-button-primary"), ("danger", "af-button-danger"), "")
    return rx.el.button(
        button.label,
        type="button",
        disabled=_state.is_running,
        on_click=_state.press(_state.result.question, button.id),
        class_name=f"af-button {style}",
    )


def _examples() -> rx.Component:
    """Which example, by name where there are several, and the way back to what was typed."""
    choice = ui.select(
        "Example",
        _state.examples,
        name="try-example",
        value=_state.example.value,
        on_change=_state.choose_example,
    )
    use = ui.button("Use the example", icon="clipboard_paste", on_click=_state.use_example(""))
    undo = ui.button("Undo", icon="undo_2", variant="link", class_name="af-small", on_click=_state.undo_example)
    top = rx.cond(ui.length_of(_state.examples) > 1, rx.el.div(choice, use, class_name="af-coupon af-try-example"), ui.row(use))
    told = ui.row(ui.muted(_state.example.source), rx.cond(_state.can_undo, undo, rx.fragment()), gap=2, wrap=True)
    shown = ui.stack(top, told, gap=2)
    return rx.cond(ui.length_of(_state.examples) > 0, shown, rx.fragment())


def _field(item: Any) -> rx.Component:
    """A question, with what the example says to it where there are others besides."""
    drawn = answer_input(item, prefix="try", on_answer=_state.answer_field, error=_state.errors[item.name])
    text = _state.example.texts[item.name]
    use = ui.button(
        "Use the example",
        variant="link",
        class_name="af-small",
        on_click=_state.use_example(item.name),
        aria_label=f"Use the example for {item.title}",
    )
    is_offered = (ui.length_of(_state.fields) > 1) & (ui.length_of(_state.examples) > 0) & (text != "") & (text != item.value)
    return ui.stack(drawn, rx.cond(is_offered, ui.row(use), rx.fragment()), gap=1)
