"""The list of orders, the receipt of one, and the payment page of the test gateway."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.purchases.payment_state import PaymentState
from pages.purchases.state import PurchasesState, PurchaseState

_list: Any = PurchasesState
_one: Any = PurchaseState
_pay: Any = PaymentState


def _state_badge(order: Any) -> rx.Component:
    tones = {"paid": "green", "active": "green", "pending": "amber", "disputed": "amber", "past_due": "red", "lost": "red"}
    choices = [(state, ui.badge(order.state_label, tone=tone)) for state, tone in tones.items()]  # type: ignore[arg-type]
    return rx.fragment(rx.match(order.state, *choices, ui.badge(order.state_label)))


def purchases_page() -> rx.Component:
    """All orders."""

    def row(order: Any) -> rx.Component:
        return ui.table_row(
            ui.link(order.title, href=order.href),
            rx.el.td(order.ordered_on, title=order.ordered, class_name="af-nowrap"),
            ui.row(_state_badge(order), rx.cond(order.is_test, ui.badge("Test"), rx.fragment())),
            ui.number_cell(order.amount),
        )

    table = ui.table(("Listing", "Ordered", "State", ui.number_head("Amount")), rx.foreach(_list.rows, row), label="Purchases")
    nothing = ui.empty_state(
        "No purchases yet",
        "What this workspace buys on the marketplace stands here, with receipts.",
        ui.link_button("Browse the marketplace", href="/marketplace", variant="primary"),
        icon="receipt",
    )
    body = rx.cond(
        _list.is_loading,
        ui.skeleton_rows(4),
        rx.cond(
            _list.problem != "",
            ui.error_state(_list.problem, on_retry=_list.load),
            rx.cond(ui.length_of(_list.rows) > 0, table, nothing),
        ),
    )
    header = ui.page_header("Purchases", description="Orders of this workspace and their receipts.")
    return shell_page(header, body, title="Purchases", active="marketplace")


def _line(label: ui.Node, *value: ui.Node) -> rx.Component:
    return ui.row(ui.muted(label), ui.spacer(), rx.el.span(*value, class_name="af-small"))


def _refund() -> rx.Component:
    once = f"{_one.order.amount} goes back to your card. What is installed stays; the right to install it anew ends."
    month = "The newest month goes back to your card, and the subscription ends now. What is installed stays and starts no more runs."
    form = ui.post_form(ui.post_submit("Refund it"), action=f"/api/v1/purchases/{_one.order.id}/refund")
    dialog = ui.dialog(
        "Refund this order?",
        ui.stack(rx.el.p(rx.cond(_one.order.is_monthly, month, once), class_name="af-small")),
        trigger=ui.button("Ask for a refund"),
        footer=(ui.dialog_close(ui.button("Cancel", size="lg")), form),
    )
    return ui.row(dialog, ui.muted("possible until ", _one.order.refund_until))


def _cancel() -> rx.Component:
    form = ui.post_form(ui.post_submit("End it"), action=f"/api/v1/purchases/{_one.order.id}/cancel")
    told = f"Nothing more is charged. It runs until {_one.order.next_date}; after that it stays and starts no more runs."
    return ui.dialog(
        "End this subscription?",
        rx.el.p(told, class_name="af-small"),
        trigger=ui.button("End subscription"),
        footer=(ui.dialog_close(ui.button("Cancel", size="lg")), form),
    )


def _keep() -> rx.Component:
    return ui.post_form(ui.post_submit("Keep it", quiet=True), action=f"/api/v1/purchases/{_one.order.id}/keep")


def _refused() -> rx.Component:
    pay = rx.cond(_one.order.pay_url != "", ui.link("Pay the open invoice", href=_one.order.pay_url), rx.fragment())
    until = rx.cond(_one.order.grace_until != "", f"Without a payment it stops on {_one.order.grace_until}. ", "")
    return ui.callout(until, pay, tone="red", title="The payment for the next month was refused. ")


def _documents() -> rx.Component:
    def row(one: Any) -> rx.Component:
        document = rx.el.a(one.number, href=one.href, target="_blank", class_name="af-link af-nowrap")
        return ui.table_row(document, one.state, rx.el.td(one.issued, class_name="af-nowrap"), ui.number_cell(one.total))

    table = ui.table(("Number", "What", "Issued", ui.number_head("Amount")), rx.foreach(_one.order.documents, row), label="Documents")
    return ui.section("Documents", table)


def _months() -> rx.Component:
    def row(month: Any) -> rx.Component:
        document = rx.el.a(month.number, href=month.href, target="_blank", class_name="af-link af-nowrap")
        return ui.table_row(document, rx.el.td(month.issued, class_name="af-nowrap"), month.state, ui.number_cell(month.total))

    rows = rx.foreach(_one.order.invoices, row)
    return ui.section("Receipts", ui.table(("Number", "Issued", "State", ui.number_head("Amount")), rows, label="Receipts"))


def _figures(order: Any) -> rx.Component:
    return ui.stack(
        _line(
            "Listing", rx.cond(order.listing_href != "", ui.link(order.title, href=order.listing_href, class_name="af-link"), order.title)
        ),
        _line("Version", order.version),
        _line("Ordered", order.ordered),
        _line("Paid", rx.cond(order.paid != "", order.paid, "not yet")),
        rx.cond(order.price != "", _line("Price", order.price), rx.fragment()),
        rx.cond(order.discount != "", _line(rx.el.span("Coupon ", rx.el.code(order.coupon)), order.discount), rx.fragment()),
        rx.cond(order.net != "", _line("Net", order.net), rx.fragment()),
        rx.cond(order.tax != "", _line("Tax", order.tax), rx.fragment()),
        rx.cond(order.next_label != "", _line(order.next_label, order.next_date), rx.fragment()),
        ui.divider(),
        rx.el.div(rx.el.span(rx.cond(order.is_monthly, "Price", "Total")), rx.el.span(order.amount), class_name="af-pay-total"),
        rx.cond(order.refunded != "", _line("Refunded", order.refunded), rx.fragment()),
        rx.cond(order.kept != "", _line("Left after the refund", order.kept), rx.fragment()),
        gap=2,
    )


def _actions(order: Any) -> rx.Component:
    """What can be done about it; nothing where nothing can."""
    can_pay = (order.state == "pending") & (order.pay_url != "")
    can_use = ((order.state == "paid") | (order.state == "active")) & (order.listing_href != "")
    can_install, can_open = can_use & ~order.is_installed, can_use & order.is_installed
    pay = ui.link_button("Go on to the payment", href=order.pay_url, variant="primary", icon="arrow_right")
    install = ui.link_button("Install it", href=f"{order.listing_href}?install=1", icon="download", variant="primary")
    choices = (
        (can_pay, pay),
        (can_install, install),
        (can_open, ui.link_button("See the listing", href=order.listing_href)),
        (order.can_cancel, _cancel()),
        (order.can_keep, _keep()),
        (order.can_refund, _refund()),
    )
    row = ui.row(*(rx.cond(may, act, rx.fragment()) for may, act in choices), wrap=True)
    return rx.fragment(rx.cond(can_pay | can_use | order.can_refund | order.can_cancel | order.can_keep, row, rx.fragment()))


def _receipt() -> rx.Component:
    order = _one.order
    waiting = ui.callout(
        ui.row(ui.spinner(), rx.el.span("Waiting for the payment. Once it is confirmed, this page follows by itself.")), tone="amber"
    )
    what = rx.cond(order.is_monthly, "Subscription", rx.cond(order.paid != "", "Receipt", "Order"))
    moved = rx.cond(order.paid != "", "Paid with the built-in test gateway. No real money moved.", "No real money moves.")
    parts = ui.stack(
        ui.row(rx.el.h2(what), ui.spacer(), _state_badge(order)),
        rx.cond(order.state == "pending", waiting, rx.fragment()),
        rx.cond(order.state == "past_due", _refused(), rx.fragment()),
        _figures(order),
        rx.cond(order.is_test, ui.callout(moved, tone="amber", title="Test mode. "), rx.fragment()),
        _actions(order),
        rx.cond(ui.length_of(order.invoices) > 0, _months(), rx.cond(ui.length_of(order.documents) > 0, _documents(), rx.fragment())),
        ui.muted("Order ", order.id),
        gap=4,
    )
    return rx.el.div(ui.card(parts), class_name="af-receipt")


def purchase_page() -> rx.Component:
    """One order: where one comes back to after paying."""
    body = rx.cond(
        _one.problem != "",
        ui.error_state(_one.problem, title="This order cannot be shown"),
        rx.cond(_one.is_loading, ui.skeleton_rows(4), _receipt()),
    )
    header = ui.page_header(_one.order.title, before=ui.link("Purchases", href="/purchases", class_name="af-small af-muted"))
    return shell_page(header, body, title="Purchase", active="marketplace")


def _test_form() -> rx.Component:
    parts = ui.stack(
        ui.callout("This is the built-in test gateway. No real card is accepted and no money moves.", tone="amber", title="Test mode. "),
        rx.el.h2(_pay.title),
        rx.cond(
            ui.length_of(_pay.lines) > 0, ui.stack(rx.foreach(_pay.lines, lambda one: _line(one.text, one.amount)), gap=2), rx.fragment()
        ),
        rx.el.div(rx.el.span("Total"), rx.el.span(_pay.amount), class_name="af-pay-total"),
        rx.cond(_pay.ended != "", _ended(), rx.fragment(*_open_form())),
        gap=4,
    )
    return rx.el.div(ui.card(parts), class_name="af-pay")


def _ended() -> rx.Component:
    """Who comes back to the page, or reloads it, is told how the payment stands."""
    where = ui.link_button("See the order", href=_pay.back, variant="primary")
    return ui.stack(rx.el.p(_pay.ended), rx.cond(_pay.back != "", where, rx.fragment()), gap=4)


def _open_form() -> tuple[rx.Component, ...]:
    cards = [("4242 4242 4242 4242", "pays"), ("4000 0000 0000 0002", "is declined"), ("4000 0000 0000 9995", "lacks funds")]
    later = rx.cond(_pay.is_once, rx.fragment(), _card("4000 0000 0000 0341", "pays now and is declined later"))
    return (
        rx.cond(_pay.terms != "", ui.muted(_pay.terms), rx.fragment()),
        ui.post_form(
            ui.post_field("Test card number", name="card", focus=True, help="Use one of the numbers below: a click fills it in."),
            _made_out_to(),
            ui.post_submit(f"Pay {_pay.amount}"),
            action=f"/api/v1/test-payments/{_pay.checkout_id}",
        ),
        ui.stack(*(_card(number, what) for number, what in cards), later, gap=1),
        rx.cond(_pay.back != "", ui.link("Back without paying", href=_pay.back, class_name="af-small"), rx.fragment()),
    )


def _made_out_to() -> rx.Component:
    name = ui.post_field("Name or company", name="billing_name", autocomplete="organization")
    address = ui.post_field("Billing address", name="billing_address", autocomplete="street-address")
    number = ui.post_field("Tax number", name="tax_id", help="Of a company; leave it empty otherwise.")
    asked = ((_pay.asks_address | _pay.asks_tax_id, name), (_pay.asks_address, address), (_pay.asks_tax_id, number))
    return rx.fragment(*(rx.cond(is_asked, field, rx.fragment()) for is_asked, field in asked))


def _card(number: str, what: str) -> rx.Component:
    """A click fills the field in."""
    fill = rx.call_script(f"const card = document.querySelector('input[name=card]'); card.value = '{number}'; card.focus()")
    use = rx.el.button(rx.el.code(number), type="button", title="Use this card", on_click=fill, class_name="af-test-card")
    return ui.row(use, ui.muted(what))


def payment_page() -> rx.Component:
    """The test gateway's page."""
    body = rx.cond(
        _pay.problem != "",
        ui.error_state(_pay.problem, title="There is no such payment"),
        rx.cond(_pay.is_loading, ui.skeleton_rows(3), _test_form()),
    )
    return shell_page(ui.page_header("Pay"), body, title="Pay", active="marketplace")
