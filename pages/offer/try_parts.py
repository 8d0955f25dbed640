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
    "nobody is: the trial takes the first button, so a result may say yes where yours would wait."
)


def try_it() -> rx.Component:
    """Form, button and result."""
    form = rx.foreach(
        _state.fields,
        lambda item: answer_input(item, prefix="try", on_answer=_state.answer_field, error=_state.errors[item.name]),
    )
    press = ui.row(
        ui.button("Try it", icon="play", loading=_state.is_running, on_click=_state.start),
        rx.cond(_state.is_running, rx.el.span("Running…", class_name="af-muted af-small", role="status"), rx.fragment()),
        wrap=True,
    )
    result = rx.cond(
        _state.is_done,
        ui.stack(
            ui.row(rx.el.strong("Result", class_name="af-small"), ui.spacer(), ui.muted("Demo model · ", _state.took)),
            ui.value_view(_state.answer, label="Result of the trial", is_answer=True),
            gap=2,
        ),
        rx.fragment(),
    )
    failed = rx.cond(_state.problem != "", ui.callout(_state.problem, tone="amber"), rx.fragment())
    inside = ui.card(ui.stack(ui.muted(ABOUT), form, press, failed, rx.el.div(result, aria_live="polite"), gap=4))
    offered = rx.cond(_offer.offer.is_visitor | _offer.offer.can_install, ui.section("Try it", inside, id="try"), rx.fragment())
    return rx.cond(_offer.offer.is_intact, offered, rx.fragment())
