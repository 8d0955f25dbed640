"""What the workspace used: calls, tokens, cost and runs of a period, by model and by workflow."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.usage_state import PERIODS, UsageState

_state: Any = UsageState  # its attributes are Vars, which the type of the class does not say
HEADS = ("Calls", "Tokens given", "Tokens written", "Cost")


def usage_page() -> rx.Component:
    """Render the page."""
    return settings_page(
        ui.stack(_choices(), loaded(_state, _found(), rows=6), gap=6),
        active="usage",
        title="Usage",
        description="What model calls took and cost, as their providers counted it. Limits are set under Budgets and models.",
        wide=True,
    )


def _choices() -> rx.Component:
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search models and workflows")
    period = ui.select("Period", PERIODS, name="days", value=_state.days, on_change=_state.set_days)
    return rx.el.div(search, period, class_name="af-usage-choices")


def _found() -> rx.Component:
    nothing = ui.empty_state(
        "Nothing was used in this period",
        "Run a workflow or chat with an agent, and what it took is counted here.",
        ui.link_button("Workflows", href="/workflows", icon="workflow"),
        icon="chart_column",
    )
    tables = ui.stack(
        _totals(),
        ui.section("By model", _table(_state.models, "Model")),
        ui.section("By workflow", _table(_state.workflows, "Workflow")),
        gap=8,
    )
    return rx.cond(_state.is_unused, nothing, tables)


def _totals() -> rx.Component:
    figures = (
        _figure("Cost", _state.total.cost, _state.total.period),
        _figure("Model calls", _state.total.calls, rx.fragment(_state.total.tokens, " tokens")),
        _figure("Runs", _state.total.runs, _state.total.ended),
    )
    return ui.card(rx.el.div(*figures, class_name="af-figures af-usage-totals"))


def _figure(label: str, value: Any, note: Any) -> rx.Component:
    return rx.el.div(ui.muted(label), rx.el.strong(value), rx.el.span(note), class_name="af-figure")


def _table(rows: Any, what: str) -> rx.Component:
    heads = (what, *(ui.number_head(head) for head in HEADS))
    table = rx.el.div(ui.table(heads, rx.foreach(rows, _row), label=f"Usage by {what.lower()}"), class_name="af-even-figures")
    unfit = ui.empty_state(f"No {what.lower()} fits", "Clear the search to see all of them.", icon="search_x", compact=True)
    unused = ui.empty_state("No model was called in this period", "The runs did without one.", icon="chart_column", compact=True)
    return rx.cond(rows.length() > 0, table, rx.cond(_state.search != "", unfit, unused))


def _row(item: Any) -> rx.Component:
    name = rx.cond(item.href != "", ui.link(item.name, href=item.href), rx.el.span(item.name))
    figures = (
        ui.number_cell(item.calls, of="calls", of_one="call"),
        ui.number_cell(item.given, of="tokens given", of_one="token given"),
        ui.number_cell(item.written, of="tokens written", of_one="token written"),
        ui.number_cell(item.cost, of="cost"),
    )
    return ui.table_row(rx.el.td(name, class_name="af-break"), *figures)
