"""The seller's overview and the publish wizard."""

from typing import Any

import reflex as rx

from components import ui
from components.appeal import appeal_dialog
from components.shell import shell_page
from pages.marketplace.page import SHELVES
from pages.offer.parts import permission_list
from pages.sell.appeal_state import AppealState
from pages.sell.coupon_parts import coupons
from pages.sell.pictures_parts import pictures_form
from pages.sell.revenue_state import RevenueState
from pages.sell.state import PublishState, SellState

_sell: Any = SellState
_publish: Any = PublishState
_appeal: Any = AppealState
_revenue_state: Any = RevenueState
FIGURES = ("Price", "Views", "Trials", "Installs", "Sales", "Refunds", "Subscribers", "Rating", "Revenue")
LOOKS = (
    ("open", "Everything: they can look inside and change their copy"),
    ("sealed", "Sealed: they run it, and never see prompts, code and steps"),
)
SEALED_NOTE = (
    "They see its name, inputs, results, permissions, time and cost. Whoever owns the model account can still read requests there, and a "
    "model can be talked into repeating its instructions: keep what must stay secret out of prompts."
)
BILLING = (("once", "Once, to keep"), ("month", "Every month, to run while it is paid"))
LICENCES = (("standard", "Standard: use it in your workspace, no reselling"), ("mit", "MIT"), ("apache-2.0", "Apache 2.0"))


AFTERWARDS = "An operator of this installation looks at it first. A version never changes; the next one gets a higher number."


def _listing_row(one: Any) -> rx.Component:
    state = rx.match(
        one.state,
        ("live", ui.badge("Live", tone="green")),
        ("removed", ui.badge("Taken down", tone="red")),
        ("rejected", ui.badge("Rejected", tone="red")),
        ("in_review", ui.badge("In review", tone="amber")),
        ("draft", ui.badge("Draft")),
        ui.badge("Unlisted"),
    )
    waiting = rx.cond(
        (one.case_state == "waiting") & (one.state != "in_review"), ui.badge(one.case_version, " in review", tone="amber"), rx.fragment()
    )
    act = rx.match(
        one.state,
        ("live", ui.button("Unlist", size="sm", variant="ghost", on_click=_sell.unlist(one.slug))),
        ("unlisted", ui.button("Put back", size="sm", variant="ghost", on_click=_sell.relist(one.slug))),
        rx.fragment(),
    )
    return ui.table_row(
        ui.row(ui.link(one.name, href=f"/marketplace/{one.slug}"), ui.muted(one.version), wrap=True),
        ui.row(state, waiting, wrap=True),
        ui.number_cell(one.price),
        ui.number_cell(one.views, of="views", of_one="view"),
        ui.number_cell(one.trials, of="trials", of_one="trial"),
        ui.number_cell(one.installs, of="installs", of_one="install"),
        ui.number_cell(one.sales, of="sales", of_one="sale"),
        ui.number_cell(one.refunds, of="refunds", of_one="refund"),
        ui.number_cell(one.subscribers, of="subscribers", of_one="subscriber"),
        ui.number_cell(rx.cond(one.stars != "", f"★ {one.stars} ({one.rating_count})", "unrated")),
        ui.number_cell(one.revenue),
        act,
    )


def _refused(one: Any) -> rx.Component:
    """Why a version was refused or a listing taken down, and the one answer that its seller has."""
    about = rx.cond(one.case_kind == "takedown", f"{one.name} was taken down. ", f"{one.name} {one.case_version} was not accepted. ")
    answer = ui.row(ui.button("Answer", size="sm", on_click=_appeal.ask(one.slug, one.name)))
    said = rx.cond(one.is_appealed, ui.muted("It was looked at twice; this decision stands."), answer)
    told = ui.callout(ui.stack(rx.el.span(one.reason), said, gap=2), title=about, tone="red")
    return rx.cond(one.case_state == "refused", told, rx.fragment())


def _figures() -> rx.Component:
    def one(value: Any, label: str) -> rx.Component:
        return rx.el.div(rx.el.strong(value), rx.el.span(label), class_name="af-figure")

    numbers = (one(_sell.balance, "balance"), one(_sell.available, "available now"), one(_sell.lifetime, "your share of all sales"))
    test = rx.cond(_sell.is_test_mode, ui.muted("Test mode: these amounts are not real money."), rx.fragment())
    terms = ui.muted(f"You keep {_sell.share} of each sale. A sale becomes available seven days later; refunds and disputes are taken off.")
    set_up = ui.post_form(ui.post_submit("Set up payouts", quiet=True), action="/api/v1/payout-account")
    pay = ui.post_form(ui.post_submit("Pay out what is available", quiet=True), action="/api/v1/payouts")
    action = rx.cond(_sell.has_account, rx.cond(_sell.can_pay_out, pay, ui.muted("Nothing can be paid out right now.")), set_up)
    return ui.card(ui.stack(rx.el.div(*numbers, class_name="af-figures"), terms, test, rx.el.div(action, class_name="af-payout")))


def _failed_payout(one: Any) -> rx.Component:
    """A bank sent the money back: mend the details, then send it again."""
    why = rx.cond(one.reason != "", f"The bank said: {one.reason}. ", "")
    mend = ui.post_form(ui.post_submit("Mend the bank details", quiet=True), action="/api/v1/payout-account")
    again = ui.post_form(ui.post_submit("Send it again", quiet=True), action=one.action)
    told = rx.el.span(why, "The money is in your account at the payment service.")
    return ui.callout(ui.stack(told, ui.row(mend, again, wrap=True), gap=2), title=f"A payout of {one.amount} has failed. ", tone="red")


def _revenue() -> rx.Component:
    def bar(week: Any) -> rx.Component:
        fill = rx.el.div(class_name="af-bar-fill", style={"height": f"{week.percent}%"})
        return rx.el.div(fill, title=f"Week of {week.label}: {week.amount}", class_name="af-bar")

    first, last = _revenue_state.weeks[0].label, _revenue_state.weeks[-1].label
    bars = rx.el.div(rx.foreach(_revenue_state.weeks, bar), role="img", aria_label=_revenue_state.told, class_name="af-bars")
    labels = rx.el.div(rx.el.span("Week of ", first), rx.el.span("Week of ", last), class_name="af-bar-labels")
    take = ui.button("Sales as CSV", icon="download", size="sm", on_click=_revenue_state.export)
    quiet = ui.muted("Nothing was earned in these weeks. Each sale shows here as soon as it is paid.")
    drawn = rx.cond(_revenue_state.best != "", ui.stack(bars, labels, gap=2), quiet)
    about = rx.cond(_revenue_state.best != "", ui.muted("Your share, less what went back. ", _revenue_state.best), rx.fragment())
    chart = ui.card(ui.stack(drawn, ui.row(about, ui.spacer(), take, wrap=True), gap=2))
    return rx.cond(ui.length_of(_revenue_state.weeks) > 0, ui.section("The last twelve weeks", chart), rx.fragment())


def _account() -> rx.Component:
    def booking(row: Any) -> rx.Component:
        when = rx.el.td(row.at, title=row.stamp, class_name="af-nowrap")
        return ui.table_row(when, row.what, row.title, ui.number_cell(row.amount))

    heads = ("When", "What", "Listing", ui.number_head("Amount"))
    table = ui.table(heads, rx.foreach(_sell.bookings, booking), label="Account")
    return rx.cond(ui.length_of(_sell.bookings) > 0, ui.section("Account", table), rx.fragment())


def sell_page() -> rx.Component:
    """What the workspace sells and earns."""
    heads = ("Listing", "State", *(ui.number_head(name) for name in FIGURES), "")
    nothing = ui.empty_state("Nothing published yet", "Choose a workflow with passing tests above, and put it on the shelf.", icon="store")
    listings = rx.cond(
        ui.length_of(_sell.listings) > 0, ui.table(heads, rx.foreach(_sell.listings, _listing_row), label="Own listings"), nothing
    )
    chooser = ui.select(
        "Publish a workflow",
        rx.Var.create([{"value": "", "label": "Choose a workflow"}]).to(list[dict[str, str]]) + _sell.choices,
        name="workflow",
        value=_sell.chosen,
        on_change=_sell.choose,
    )
    go = ui.button("Continue", icon="arrow_right", disabled=_sell.chosen == "", on_click=_sell.publish, id="publish-chosen")
    content = ui.stack(
        rx.foreach(_sell.failures, _failed_payout),
        _figures(),
        _revenue(),
        ui.card(ui.stack(chooser, ui.row(go), gap=3)),
        ui.section("Your listings", ui.stack(rx.foreach(_sell.listings, _refused), listings)),
        coupons(),
        _account(),
        appeal_dialog(f"Answer about {_appeal.name}", state=_appeal),
        gap=6,
    )
    body = rx.cond(
        _sell.is_loading,
        ui.skeleton_rows(5),
        rx.cond(_sell.problem != "", ui.error_state(_sell.problem, on_retry=_sell.load), content),
    )
    back = ui.link("Marketplace", href="/marketplace", class_name="af-small af-muted")
    header = ui.page_header("Sell", description="Listings of this workspace and what they earn.", before=back)
    return shell_page(header, body, title="Sell", active="marketplace")


def _check(one: Any) -> rx.Component:
    mark = rx.cond(
        one.is_ok, rx.icon("circle_check", size=16, class_name="af-check-ok"), rx.icon("circle_alert", size=16, class_name="af-check-bad")
    )
    return rx.el.div(
        mark, rx.el.div(rx.el.strong(one.title), rx.cond(one.is_ok, rx.fragment(), rx.el.p(one.remedy))), class_name="af-check-line"
    )


def _text(label: str, name: str, **props: Any) -> rx.Component:
    make = ui.text_area if "rows" in props else ui.text_field
    return make(
        label,
        name=name,
        value=_publish.form[name],
        on_change=lambda value: _publish.set_field(name, value),
        error=_publish.errors[name],
        **props,
    )


def _choice(label: str, name: str, choices: Any) -> rx.Component:
    return ui.select(
        label,
        choices,
        name=name,
        value=_publish.form[name],
        on_change=lambda value: _publish.set_field(name, value),
        error=_publish.errors[name],
    )


def _form() -> rx.Component:
    fields = ui.stack(
        _text("Name", "name"),
        _text("Summary", "tagline", help="One sentence below the name on its card."),
        _text("Description", "description", rows=8, help="What it does, for whom, and what it needs, in 80 characters or more. Markdown."),
        pictures_form(_publish.errors["pictures"]),
        _choice("What buyers see", "look", LOOKS),
        rx.cond(_publish.form["look"] == "sealed", ui.muted(SEALED_NOTE), rx.fragment()),
        ui.grid(_choice("Shelf", "category", SHELVES), _choice("Licence", "licence", LICENCES), min_width="260px"),
        ui.grid(_text("Price in dollars", "price", help="0 makes it free."), _choice("Paid", "billing", BILLING), min_width="260px"),
        _text("Version", "version"),
        _text("What has changed", "changelog", rows=3, help="For those who have an earlier version; the first one needs none."),
        ui.row(
            ui.button(
                "Send for review", variant="primary", loading=_publish.is_publishing, disabled=~_publish.is_ready, on_click=_publish.publish
            ),
            ui.muted(rx.cond(_publish.is_ready, AFTERWARDS, "First mend what the checks name.")),
            wrap=True,
        ),
        gap=4,
    )
    tests = ui.link("Open its tests", href=_publish.tests_href, class_name="af-small")
    checks = ui.card(ui.section("Checks", ui.stack(rx.foreach(_publish.checks, _check), tests)))
    allowed = ui.card(ui.section("Buyers will see that it may", permission_list(_publish.permissions)))
    return rx.el.div(ui.card(fields), ui.stack(checks, allowed, gap=4), class_name="af-sell-columns")


def publish_page() -> rx.Component:
    """The wizard."""
    body = rx.cond(
        _publish.is_loading,
        ui.skeleton_rows(6),
        rx.cond(_publish.problem != "", ui.error_state(_publish.problem, title="This cannot be published"), _form()),
    )
    back = ui.link("Sell", href="/marketplace/sell", class_name="af-small af-muted")
    header = ui.page_header(rx.cond(_publish.workflow_name != "", f"Publish {_publish.workflow_name}", "Publish"), before=back)
    return shell_page(header, body, title="Publish", active="marketplace")
