"""What stands in place of a listing or creator that is not there: a search, what may have been meant, and the way back."""

from typing import Any

import reflex as rx
from reflex_base.vars.function import FunctionStringVar

from components import ui
from pages.marketplace.parts import card_grid

_encoded: Any = FunctionStringVar.create("encodeURIComponent")


def _look_for(form: Any) -> Any:
    return rx.redirect(rx.Var.create("/marketplace?search=") + _encoded.call(form.to(dict)["search"]).to(str))


def missing_page(title: str, *, meant: Any = None) -> rx.Component:
    """`meant` are cards of what the address may have meant."""
    field = rx.el.input(
        type="search",
        name="search",
        placeholder="Search the marketplace",
        aria_label="Search the marketplace",
        max_length=200,
        auto_complete="off",
        class_name="af-input",
    )
    search = rx.el.form(field, ui.button("Search", type="submit"), on_submit=_look_for, role="search", class_name="af-missing-search")
    told = ui.empty_state(
        title,
        "It may have been taken off the shelf, or the address has a slip in it.",
        ui.link_button("Back to the marketplace", href="/marketplace", variant="primary", icon="store"),
        icon="search_x",
    )
    shown = ui.stack(told, search, gap=4)
    if meant is None:
        return shown
    perhaps = rx.cond(ui.length_of(meant) > 0, ui.section("Perhaps you meant", card_grid(meant)), rx.fragment())
    return ui.stack(shown, perhaps, gap=8)
