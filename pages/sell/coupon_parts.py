"""Coupons on the seller's page: the list, and the dialog in which a code is made."""

from typing import Any

import reflex as rx

from components import ui
from pages.sell.coupon_state import CouponState

_coupon: Any = CouponState
KINDS = (("percent", "Percent"), ("amount", "Amount in dollars"))
ALL = [{"value": "", "label": "All listings"}]


def coupons() -> rx.Component:
    """The section, shown once something is for sale."""
    heads = ("Code", "Off", "Listing", "State", ui.number_head("Uses"), "Until", "")
    table = ui.table(heads, rx.foreach(_coupon.rows, _row), label="Coupons")
    about = ui.muted("Codes that take something off your listings. The discount comes off before the price is shared.")
    shown = rx.cond(ui.length_of(_coupon.rows) > 0, table, about)
    make = ui.button("New coupon", icon="plus", size="sm", on_click=_coupon.set_open(True))
    section = ui.section("Coupons", ui.stack(shown, ui.row(make), _dialog()))
    return rx.cond(ui.length_of(_coupon.sold) > 0, section, rx.fragment())


def _row(one: Any) -> rx.Component:
    tones = {"active": "green", "early": "amber"}
    badges = [(state, ui.badge(one.state_label, tone=tone)) for state, tone in tones.items()]  # type: ignore[arg-type]
    pause = ui.button("Pause", size="sm", variant="ghost", on_click=_coupon.set_active(one.id, False))
    resume = ui.button("Resume", size="sm", variant="ghost", on_click=_coupon.set_active(one.id, True))
    return ui.table_row(
        rx.el.code(one.code),
        rx.el.td(one.discount, class_name="af-nowrap"),
        one.listing,
        rx.fragment(rx.match(one.state, *badges, ui.badge(one.state_label))),
        ui.number_cell(one.uses, of="uses", of_one="use"),
        rx.el.td(one.ends, class_name="af-nowrap"),
        rx.cond(one.is_active, pause, resume),
    )


def _text(label: str, name: str, **props: Any) -> rx.Component:
    return ui.text_field(
        label,
        name=name,
        value=_coupon.form[name],
        on_change=lambda value: _coupon.set_field(name, value),
        error=_coupon.errors[name],
        **props,
    )


def _choice(label: str, name: str, choices: Any, **props: Any) -> rx.Component:
    return ui.select(
        label,
        choices,
        name=name,
        value=_coupon.form[name],
        on_change=lambda value: _coupon.set_field(name, value),
        error=_coupon.errors[name],
        **props,
    )


def _dialog() -> rx.Component:
    listings = rx.Var.create(ALL).to(list[dict[str, str]]) + _coupon.sold
    fields = ui.stack(
        _text("Code", "code", help="Letters, digits and hyphens; buyers may type it in any case.", required=True),
        ui.grid(
            _choice("What it takes off", "kind", KINDS),
            _text("How much", "value", hint=rx.cond(_coupon.form["kind"] == "percent", "such as 20", "such as 5.00"), required=True),
            min_width="180px",
        ),
        _choice("Listing", "listing", listings),
        ui.grid(
            _text("Uses in all", "most_uses", hint="empty: any number", help="Each buyer can use it once."),
            _text("Months", "months", hint="0: every month", help="How many months of a monthly listing cost less."),
            min_width="180px",
        ),
        ui.grid(_text("From", "starts_at", type="date"), _text("Until", "expires_at", type="date"), min_width="180px"),
        ui.muted("What is left below $0.50 cannot be charged, so such an order is free. What a code takes off never changes."),
        gap=4,
    )
    return ui.dialog(
        "New coupon",
        fields,
        open=_coupon.is_open,
        on_open_change=_coupon.set_open,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Make the code", variant="primary", on_click=_coupon.create)),
    )
