"""The dialog on the seller's page that gives a listing another price, and says whom that concerns."""

from typing import Any

import reflex as rx

from components import ui
from pages.sell.price_state import PriceState

_state: Any = PriceState
ONCE = "It counts for orders from now on. Who has bought or installed it keeps it."


def price_dialog() -> rx.Component:
    """What it costs now, the new price, and its terms."""
    field = ui.text_field(
        rx.cond(_state.is_monthly, "New price a month, in dollars", "New price in dollars"),
        name="new-price",
        value=_state.typed,
        on_change=_state.set_typed,
        error=_state.errors["price"],
        help="0 makes it free.",
        input_mode="decimal",
        debounce_ms=100,
    )
    review = ui.muted("Version ", _state.waiting, ", which waits for its review, gets the new price too.")
    inside = ui.stack(
        ui.row(ui.muted("Now"), ui.spacer(), rx.el.strong(_state.price)),
        field,
        ui.muted(rx.cond(_state.is_monthly, _monthly(), ONCE)),
        rx.cond(_state.waiting != "", review, rx.fragment()),
        gap=4,
    )
    return ui.dialog(
        rx.Var.create("Price of ") + _state.name,
        inside,
        open=_state.slug != "",
        on_open_change=_state.set_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Save the price", variant="primary", loading=_state.is_saving, on_click=_state.save),
        ),
        width="440px",
    )


def _monthly() -> Any:
    many = f"The {_state.subscribers} workspaces that pay for it go on at the price they ordered it for, until they cancel."
    one = "The workspace that pays for it goes on at the price it ordered it for, until it cancels."
    whom = rx.match(_state.subscribers, (0, "Nobody pays for it now."), (1, one), many)
    return rx.fragment("It counts for orders from now on. ", whom)
