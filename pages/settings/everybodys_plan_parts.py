"""What operators choose on the page of the plan."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.everybodys_plan_state import NAMES, OFF, EverybodysPlanState

_state: Any = EverybodysPlanState
FIXED = "The settings of this installation name it (AF_PLANS)."
TURN_ON = "Choose Free to turn plans on: owners then buy larger ones on this page. You are asked before it counts."


def everybodys_plan() -> rx.Component:
    """The card; nothing for who is no operator."""
    select = ui.select(
        "Plan of workspaces that have no other",
        tuple(NAMES.items()),
        name="everybodys_plan",
        value=_state.wanted,
        on_change=_state.choose,
        disabled=_state.is_fixed,
        help=rx.cond(_state.is_fixed, FIXED, rx.cond(_state.plan == OFF, TURN_ON, "It counts at once. You are asked before.")),
    )
    ask = ui.confirm(
        _state.question,
        description=_state.consequence,
        confirm_label="Apply",
        on_confirm=_state.change,
        open=_state.is_asking,
        on_open_change=_state.set_asking,
        danger=False,
    )
    card = ui.section("For operators of this installation", ui.card(select), ask)
    return rx.cond(_state.is_shown, card, rx.fragment())
