"""The operators' page of money: what came in and went out, what every account holds, and the platform's part of listings."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, shell_page
from pages.platform.state import FeeState, ReportState

_report: Any = ReportState
_fee: Any = FeeState


def _figures(one: Any) -> rx.Component:
    def line(row: Any) -> rx.Component:
        part = rx.cond(row.key.startswith("balance_"), "af-report-part", "")
        label = rx.cond(row.is_sum, rx.el.strong(row.label), rx.el.span(row.label, class_name=part))
        amount = rx.cond(row.is_sum, rx.el.strong(row.amount), rx.el.span(row.amount))
        return ui.table_row(label, ui.number_cell(amount))

    name = rx.el.span(one.currency.upper(), rx.cond(one.mode == "test", " (test mode)", ""))
    table = ui.table((name, ui.number_head("Amount")), rx.foreach(one.lines, line), label="Report", keeps_columns=True)
    days = ui.muted("From ", one.since, " to ", one.until, ", in UTC. What is held stands as at the end of the last day.")
    return ui.card(ui.stack(days, table))


def _period() -> rx.Component:
    first = ui.text_field(
        "From", name="since", type="date", value=_report.since, on_change=_report.set_since, error=_report.errors["since"]
    )
    last = ui.text_field("To", name="until", type="date", value=_report.until, on_change=_report.set_until, error=_report.errors["until"])
    show = ui.button("Show", on_click=_report.show)
    take = ui.button("As CSV", icon="download", on_click=_report.export)
    return rx.el.div(first, last, show, take, class_name="af-period")


def _fees() -> rx.Component:
    def row(one: Any) -> rx.Component:
        now = rx.cond(one.is_now, ui.badge("Now", tone="green"), rx.fragment())
        return ui.table_row(ui.link(one.listing, href=one.href), one.creator, ui.number_cell(one.percent), one.starts, now)

    heads = ("Listing", "Creator", ui.number_head("Platform"), "From", "")
    table = ui.table(heads, rx.foreach(_fee.rows, row), label="Fees")
    usual = ui.muted(
        "The platform has 20 % of each sale. Set another part for a listing from a day on; orders keep the part of their moment."
    )
    shown = loaded(_fee, rx.fragment(rx.cond(ui.length_of(_fee.rows) > 0, table, rx.fragment())), rows=1)
    make = ui.button("Set a fee", icon="plus", size="sm", on_click=_fee.set_open(True))
    return ui.section("Fees", ui.stack(usual, shown, ui.row(make), _fee_dialog()))


def _text(label: str, name: str, **props: Any) -> rx.Component:
    return ui.text_field(
        label, name=name, value=_fee.form[name], on_change=lambda value: _fee.set_field(name, value), error=_fee.errors[name], **props
    )


def _fee_dialog() -> rx.Component:
    fields = ui.stack(
        _text("Listing", "slug", help="Its address, such as /marketplace/log-summary, or the last part of it.", required=True),
        _text("The platform's part in percent", "percent", hint="such as 15 or 12.5", required=True),
        _text("From", "starts_on", type="date", help="Counts from the beginning of that day, in UTC; at once when empty."),
        gap=4,
    )
    return ui.dialog(
        "Set the fee of a listing",
        fields,
        open=_fee.is_open,
        on_open_change=_fee.set_open,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Set it", variant="primary", on_click=_fee.save)),
    )


def platform_page() -> rx.Component:
    """The report and the fees."""
    nothing = ui.empty_state("Nothing booked yet", "Sales, refunds and payouts stand here once there are some.", icon="scale")
    reports = rx.cond(ui.length_of(_report.reports) > 0, ui.stack(rx.foreach(_report.reports, _figures), gap=4), nothing)
    content = ui.stack(_period(), reports, _fees(), gap=6)
    body = loaded(_report, content, rows=6, also=(FeeState.load,), refused="This page is for operators")
    back = ui.link("Moderation", href="/marketplace/moderation", class_name="af-small af-muted")
    header = ui.page_header("Platform", description="What the marketplace took in, gave back, owes and holds.", before=back)
    return shell_page(header, body, title="Platform", active="marketplace")
