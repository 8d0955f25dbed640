"""Buying on a listing's page: the code, what it takes off, and the button that leads to the payment."""

from typing import Any

import reflex as rx

from components import ui
from pages.offer.coupon_state import OfferCouponState
from pages.offer.state import OfferState

_state: Any = OfferState
_coupon: Any = OfferCouponState
HAS_QUOTE = (_coupon.quote.slug == _state.offer.slug) & (_coupon.quote.discount_cents > 0)


def buy_form() -> rx.Component:
    """Buy or subscribe, with or without a code."""
    seen = rx.cond(HAS_QUOTE, _coupon.quote.total_cents, _state.offer.price_cents)
    buy = ui.post_form(
        rx.el.input(type="hidden", name="slug", value=_state.offer.slug, read_only=True),
        rx.el.input(type="hidden", name="seen_cents", value=seen.to_string(), read_only=True),
        rx.el.input(type="hidden", name="seen_billing", value=rx.cond(_state.offer.is_monthly, "month", "once"), read_only=True),
        rx.el.input(type="hidden", name="coupon", value=rx.cond(HAS_QUOTE, _coupon.quote.code, ""), read_only=True),
        rx.cond(_state.offer.room_note != "", _no_room_to_buy(), _press()),
        action="/api/v1/purchases",
    )
    terms = ui.muted("Charged every month until you cancel. It runs while it is paid; what it has made stays.")
    test_note = ui.callout("No real money moves. You pay with a test card on the next page.", tone="amber", title="Test mode. ")
    off = ui.callout("Payments are not set up here, or your role may not buy.", tone="neutral")
    tax = rx.cond(_state.offer.tax_note != "", ui.muted(_state.offer.tax_note), rx.fragment())
    said = (rx.cond(_state.offer.is_monthly, terms, rx.fragment()), tax, rx.cond(_state.offer.is_test_mode, test_note, rx.fragment()))
    return rx.cond(_state.offer.can_buy, ui.stack(_code(), buy, *said), off)


def _press() -> rx.Component:
    return rx.cond(_state.offer.is_monthly, ui.post_submit("Subscribe"), ui.post_submit("Buy"))


def _no_room_to_buy() -> rx.Component:
    """The reason stands above; an order would be refused with the same words."""
    verb = rx.cond(_state.offer.is_monthly, "Subscribe", "Buy")
    return ui.button(verb, variant="primary", size="lg", wide=True, disabled=True)


def _code() -> rx.Component:
    """The field for a code, or what it took off."""
    field = ui.text_field("Coupon", name="coupon-code", value=_coupon.code, on_change=_coupon.set_code, error=_coupon.problem)
    ask = rx.el.form(field, ui.button("Apply", type="submit"), on_submit=_coupon.apply, class_name="af-coupon")
    return rx.cond(HAS_QUOTE, _taken_off(), rx.el.details(rx.el.summary("Have a coupon?", class_name="af-small"), ask))


def _taken_off() -> rx.Component:
    quote = _coupon.quote
    return ui.stack(
        _line("Price", quote.price),
        _line(rx.el.span("Coupon ", rx.el.code(quote.code)), quote.discount),
        rx.el.div(rx.el.span("To pay"), rx.el.span(quote.total), class_name="af-pay-total"),
        rx.cond(quote.note != "", ui.muted(quote.note), rx.fragment()),
        ui.row(ui.button("Remove the coupon", size="sm", variant="ghost", on_click=_coupon.take_off)),
        gap=2,
    )


def _line(label: ui.Node, value: Any) -> rx.Component:
    return ui.row(ui.muted(label), ui.spacer(), rx.el.span(value, class_name="af-small"))
