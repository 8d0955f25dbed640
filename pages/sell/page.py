"""The seller's overview."""

from typing import Any

import reflex as rx

from components import ui
from components.appeal import appeal_dialog
from components.shell import shell_page
from pages.sell.account_parts import account, failed_payout, figures, payouts_state
from pages.sell.appeal_state import AppealState
from pages.sell.bookings_state import BookingsState
from pages.sell.coupon_parts import coupons
from pages.sell.coupon_state import CouponState
from pages.sell.payouts_state import PayoutsState
from pages.sell.price_parts import price_dialog
from pages.sell.price_state import PriceState
from pages.sell.profile_parts import profile
from pages.sell.profile_state import ProfileState
from pages.sell.revenue_state import RevenueState
from pages.sell.state import SellState

_sell: Any = SellState
_appeal: Any = AppealState
_revenue_state: Any = RevenueState
_price: Any = PriceState
SELL_LOADS = (SellState.load, PayoutsState.load, BookingsState.load, RevenueState.load, CouponState.load, ProfileState.load)
FIGURES = ("Price", "Views", "Trials", "Installs", "Sales", "Refunds", "Subscribers", "Rating", "Revenue")


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
    reprice = ui.icon_button("pencil", label=f"Change the price of {one.name}", on_click=_price.ask(one.slug))
    return ui.table_row(
        ui.row(ui.link(one.name, href=f"/marketplace/{one.slug}"), ui.muted(one.version), wrap=True),
        ui.row(state, waiting, wrap=True),
        ui.number_cell(ui.row(one.price, rx.cond(one.state != "removed", reprice, rx.fragment()), gap=1, class_name="af-price-cell")),
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


def sell_page() -> rx.Component:
    """What the workspace sells and earns."""
    heads = ("Listing", "State", *(ui.number_head(name) for name in FIGURES), "")
    nothing = ui.empty_state("Nothing published yet", "Choose a workflow with passing tests above, and put it on the shelf.", icon="store")
    listings = rx.cond(
        ui.length_of(_sell.listings) > 0, ui.table(heads, rx.foreach(_sell.listings, _listing_row), label="Own listings"), nothing
    )
    chooser = ui.select(
        "Publish a workflow or an agent",
        rx.Var.create([{"value": "", "label": "Choose one"}]).to(list[dict[str, str]]) + _sell.choices,
        name="workflow",
        value=_sell.chosen,
        on_change=_sell.choose,
        help="An agent is sold as a workflow of one step that asks it, which is made here and can be changed.",
    )
    go = ui.button("Continue", icon="arrow_right", disabled=_sell.chosen == "", on_click=_sell.publish, id="publish-chosen")
    content = ui.stack(
        rx.foreach(_sell.failures, failed_payout),
        payouts_state(),
        figures(),
        _revenue(),
        ui.card(ui.stack(chooser, ui.row(go), gap=3)),
        ui.section("Your listings", ui.stack(rx.foreach(_sell.listings, _refused), listings)),
        coupons(),
        profile(),
        account(),
        price_dialog(),
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
