"""Parts of the page of the plan: what is paid, the plans with their buttons, the question before a change, the invoices."""

from typing import Any

import reflex as rx

from components import ui
from pages.settings.plan_state import PlanState

_state: Any = PlanState
TEST = "No real money moves here: payments go to the built-in test gateway or to a test account."


def billing() -> rx.Component:
    """What is paid for, and what waits; nothing where nothing was ordered."""
    bill = _state.bill
    pay = ui.link_button("Go on to the payment", href=bill.pay_url, variant="primary", icon="arrow_right")
    waiting = rx.cond((bill.state == "pending") & (bill.pay_url != ""), pay, rx.fragment())
    unpaid = ui.callout(
        ui.row(
            rx.el.span(bill.problem),
            rx.cond(bill.pay_url != "", ui.link_button("Pay now", href=bill.pay_url, variant="primary"), rx.fragment()),
            wrap=True,
            gap=3,
        ),
        tone="red",
    )
    keep = ui.button(bill.back_label, on_click=_state.ask(bill.back), loading=_state.asked == bill.back)
    cancel = ui.button("Cancel the plan", variant="ghost", on_click=_state.ask("free"), loading=_state.asked == "free")
    lines = ui.row(
        ui.stack(rx.el.strong(bill.headline), rx.cond(bill.note != "", ui.muted(bill.note), rx.fragment()), gap=1),
        ui.spacer(),
        waiting,
        rx.cond(bill.back != "", keep, rx.fragment()),
        rx.cond(bill.can_cancel, cancel, rx.fragment()),
        wrap=True,
        gap=3,
    )
    card = ui.card(ui.stack(rx.cond(bill.problem != "", unpaid, rx.fragment()), lines, gap=4))
    follows = rx.cond(bill.state == "pending", ui.pulse(_state.look, every_s=3), rx.fragment())
    return rx.cond(bill.headline != "", ui.section("Billing", card, follows), rx.fragment())


def plan_table() -> rx.Component:
    """Every plan, and what can be done about it."""
    heads = ("Plan", "Price", ui.number_head("Agents"), ui.number_head("Tasks"), "")
    test = rx.cond(_state.bill.is_test, ui.callout(TEST, tone="amber", title="Test mode. "), rx.fragment())
    tax = rx.cond(_state.bill.tax != "", ui.muted(_state.bill.tax), rx.fragment())
    return ui.stack(test, ui.table(heads, rx.foreach(_state.plans, _plan_row), label="Plans"), tax, gap=3)


def _plan_row(plan: Any) -> rx.Component:
    mark = rx.cond(plan.is_current, ui.badge("Yours", tone="accent"), rx.fragment())
    buy = ui.post_form(
        rx.el.input(type="hidden", name="plan", value=plan.key, read_only=True),
        rx.el.input(type="hidden", name="seen_cents", value=plan.cents, read_only=True),
        ui.post_submit(plan.label),
        action="/api/v1/plan/order",
    )
    change = ui.button(
        plan.label, on_click=_state.ask(plan.key), loading=_state.asked == plan.key, aria_label=rx.Var.create("Switch to ") + plan.name
    )
    warned = ui.button(plan.label, size="lg", wide=True, variant="primary", on_click=_state.ask_order(plan.key))
    choose = rx.cond(plan.too_small.length() > 0, warned, buy)
    act = rx.match(plan.action, ("buy", choose), ("change", change), rx.fragment())
    name = ui.row(rx.el.strong(plan.name), mark)
    return ui.table_row(name, plan.price, ui.number_cell(plan.agents), ui.number_cell(plan.tasks), rx.el.td(act))


def change_dialog() -> rx.Component:
    """What a change costs, line by line, before anybody agrees."""
    shown = _state.shown

    def line(one: Any) -> rx.Component:
        return ui.row(ui.muted(one.text), ui.spacer(), rx.el.span(one.amount, class_name="af-small"), gap=4)

    due = ui.stack(
        rx.foreach(shown.lines, line),
        ui.divider(),
        rx.el.div(rx.el.span("Due now"), rx.el.span(shown.due), class_name="af-pay-total"),
        gap=2,
    )
    form = ui.post_form(
        *(
            rx.el.input(type="hidden", name=name, value=value, read_only=True)
            for name, value in (("plan", shown.plan), ("at", shown.at), ("seen_cents", shown.cents))
        ),
        ui.post_submit(shown.label),
        action="/api/v1/plan/change",
    )
    order = ui.post_form(
        rx.el.input(type="hidden", name="plan", value=shown.plan, read_only=True),
        rx.el.input(type="hidden", name="seen_cents", value=shown.cents, read_only=True),
        ui.post_submit(shown.label),
        action="/api/v1/plan/order",
    )
    words = rx.el.p(shown.text, class_name="af-small")
    points = rx.el.ul(rx.foreach(shown.too_small, rx.el.li), class_name="af-small af-plain-list")
    small = ui.callout(points, title="It is smaller than what you use.", tone="amber")
    back = ui.button("Back", on_click=_state.close)
    return ui.dialog(
        shown.title,
        ui.stack(rx.cond(shown.due != "", due, rx.fragment()), words, rx.cond(shown.too_small.length() > 0, small, rx.fragment()), gap=4),
        open=_state.is_asking,
        on_open_change=_state.close,
        footer=(back, rx.cond(shown.is_order, order, form)),
    )


def invoices() -> rx.Component:
    """What was billed, each as a document."""
    tones = {"paid": "green", "open": "amber", "disputed": "red"}

    def row(one: Any) -> rx.Component:
        state = rx.match(
            one.state,
            *[(state, ui.badge(one.state_label, tone=tone)) for state, tone in tones.items()],  # type: ignore[arg-type]
            ui.badge(one.state_label),
        )
        pay = rx.cond(one.pay_url != "", ui.link("Pay", href=one.pay_url), rx.fragment())
        return ui.table_row(
            ui.stack(rx.el.a(one.number, href=one.href, target="_blank", rel="noopener", class_name="af-link"), ui.muted(one.title), gap=1),
            rx.el.td(one.issued, class_name="af-nowrap"),
            ui.row(state, rx.cond(one.is_test, ui.badge("Test"), rx.fragment()), pay),
            ui.number_cell(ui.stack(one.total, rx.cond(one.note != "", ui.muted(one.note), rx.fragment()), gap=1)),
        )

    table = ui.table(("Invoice", "Issued", "State", ui.number_head("Amount")), rx.foreach(_state.invoices, row), label="Invoices")
    return rx.cond(ui.length_of(_state.invoices) > 0, ui.section("Invoices", table), rx.fragment())
