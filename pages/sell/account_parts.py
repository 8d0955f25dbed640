"""The seller's money: what is owed, how payouts stand, and the account booking by booking."""

from typing import Any

import reflex as rx

from components import ui
from pages.sell.bookings_state import BookingsState
from pages.sell.payouts_state import PayoutsState
from pages.sell.revenue_state import RevenueState
from pages.sell.state import SellState

_sell: Any = SellState
_payouts: Any = PayoutsState
_bookings: Any = BookingsState
_revenue: Any = RevenueState
ACCOUNT = "/api/v1/payout-account"


def figures() -> rx.Component:
    """What is owed, and the way to have it paid out."""

    def one(value: Any, label: str) -> rx.Component:
        return rx.el.div(rx.el.strong(value), rx.el.span(label), class_name="af-figure")

    numbers = (one(_sell.balance, "balance"), one(_sell.available, "available now"), one(_sell.lifetime, "your share of all sales"))
    test = rx.cond(_sell.is_test_mode, ui.muted("Test mode: these amounts are not real money."), rx.fragment())
    terms = ui.muted(f"You keep {_sell.share} of each sale. A sale becomes available seven days later; refunds and disputes are taken off.")
    set_up = ui.post_form(ui.post_submit("Set up payouts", quiet=True), action=ACCOUNT)
    begun = rx.cond(_payouts.phase == "", set_up, rx.fragment())  # otherwise its callout leads on
    pay = ui.post_form(ui.post_submit("Pay out what is available", quiet=True), action="/api/v1/payouts")
    action = rx.cond(_sell.has_account, rx.cond(_sell.can_pay_out, pay, ui.muted("Nothing can be paid out right now.")), begun)
    return ui.card(ui.stack(rx.el.div(*numbers, class_name="af-figures"), terms, test, rx.el.div(action, class_name="af-payout")))


def payouts_state() -> rx.Component:
    """Between the first click on setting payouts up and the first payout: what is true, what is asked for, what comes next."""

    def go_on(label: str) -> rx.Component:
        return ui.row(ui.post_form(ui.post_submit(label, quiet=True), action=ACCOUNT))

    wants = ui.callout(
        ui.stack(
            rx.el.span("The payment service still asks for ", _payouts.asks, ". Until then nothing can be sent to you."), go_on("Go on")
        ),
        title="Payouts are not set up yet. ",
        tone="amber",
    )
    checking = ui.callout(
        "The payment service is checking what you gave, which can take some days. There is nothing to do for you now; look in here again.",
        title="Almost there. ",
        tone="blue",
    )
    later = ui.callout(
        ui.stack(rx.el.span("The payment service does not send money to your account yet, and does not say why."), go_on("Look there")),
        title="Payouts are not set up yet. ",
        tone="amber",
    )
    unheard = ui.callout("The payment service did not answer just now. Load this page again in a minute.", tone="amber")
    return rx.cond(
        _sell.is_loading,
        rx.fragment(),
        rx.match(
            _payouts.phase,
            ("asked", wants),
            ("checking", checking),
            ("later", later),
            ("unheard", unheard),
            ("ready", rx.cond(_payouts.is_back, _ready(), rx.fragment())),
            rx.fragment(),
        ),
    )


def _ready() -> rx.Component:
    test = rx.cond(_sell.is_test_mode, " This is test mode: no bank was asked for, and no real money is sent.", "")
    now = f"{_sell.available} can be paid out now: press Pay out what is available."
    soon = "Each sale becomes available seven days after it was paid; then Pay out what is available sends it to your bank."
    return ui.callout(rx.cond(_sell.can_pay_out, now, soon), test, title="Payouts are set up. ", tone="green")


def failed_payout(one: Any) -> rx.Component:
    """A bank sent the money back: mend the details, then send it again."""
    why = rx.cond(one.reason != "", f"The bank said: {one.reason}. ", "")
    mend = ui.post_form(ui.post_submit("Mend the bank details", quiet=True), action=ACCOUNT)
    again = ui.post_form(ui.post_submit("Send it again", quiet=True), action=one.action)
    told = rx.el.span(why, "The money is in your account at the payment service.")
    return ui.callout(ui.stack(told, ui.row(mend, again, wrap=True), gap=2), title=f"A payout of {one.amount} has failed. ", tone="red")


def account() -> rx.Component:
    """Bookings, newest first, page by page."""

    def booking(row: Any) -> rx.Component:
        when = rx.el.td(row.at, title=row.stamp, class_name="af-nowrap")
        return ui.table_row(when, row.what, row.title, ui.number_cell(row.amount))

    heads = ("When", "What", "Listing", ui.number_head("Amount"))
    table = ui.table(heads, rx.foreach(_bookings.rows, booking), label="Account")
    more = rx.cond(_bookings.next_cursor != "", ui.button("Show more", on_click=_bookings.more), rx.fragment())
    count = ui.muted(f"{_bookings.rows.length()} of {_bookings.total}")
    take = ui.button("Sales as CSV", icon="download", size="sm", on_click=_revenue.export)
    below = ui.row(more, count, ui.spacer(), take, wrap=True)
    return rx.cond(ui.length_of(_bookings.rows) > 0, ui.section("Account", ui.stack(table, below)), rx.fragment())
