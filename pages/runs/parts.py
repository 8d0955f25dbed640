"""Parts of the run list."""

from typing import Any

import reflex as rx

from components import ui
from components.forms import bare_select
from pages.runs.state import FILTERS, RunsState

_CHANGE_FILTER = "Choose another status, workflow or span of days, or clear the search."
_state: Any = RunsState  # its attributes are Vars, which the type of the class does not say


def run_table(rows: Any) -> rx.Component:
    """Runs, newest first; also used by other pages that list runs."""
    heads = ("Run", "Status", "Started", *map(ui.number_head, ("Time", "Tokens", "Cost")), "By")
    return rx.el.div(ui.table(heads, rx.foreach(rows, _run_row), label="Runs"), class_name="af-run-list")


def _run_row(item: Any) -> rx.Component:
    marks = rx.fragment(
        rx.cond(item.is_dry, ui.badge("Dry run", tone="amber")), rx.cond(item.trigger != "", ui.badge(item.trigger, tone="neutral"))
    )
    title = ui.row(ui.link(item.title, href=item.href, class_name="af-strong-link"), marks, gap=2)
    given = rx.cond(item.excerpt != "", rx.el.span(item.excerpt, class_name="af-run-excerpt", title=item.excerpt))
    note = rx.cond(item.note != "", ui.muted(run_note(item), class_name="af-clamp-1"))
    return ui.table_row(
        rx.el.td(ui.stack(title, given, note, gap=1), class_name="af-run-cell"),
        rx.el.td(ui.status_badge(item.status)),
        rx.el.td(rx.el.span(item.started, title=item.started_at), class_name="af-nowrap"),
        ui.number_cell(run_time(item), rx.cond(item.waited != "", ui.muted("+ ", run_wait(item), " waiting", class_name="af-run-waited"))),
        ui.number_cell(item.tokens),
        ui.number_cell(item.cost),
        rx.el.td(item.by, class_name="af-nowrap"),
        on_click=rx.redirect(item.href),
    )


def run_time(item: Any) -> rx.Component:
    """How long a run was at work; it counts on by itself while the run is."""
    return ui.elapsed(item.duration, ms=item.worked_ms, is_running=item.status == "running")


def run_wait(item: Any) -> rx.Component:
    """How long a run only waited; it counts on by itself while the run does."""
    return ui.elapsed(item.waited, ms=item.waited_ms, is_running=item.status == "waiting")


def run_note(item: Any) -> rx.Component:
    """Why it failed, or why it waits, for how long already and until when."""
    so_far = rx.cond(item.waits, rx.fragment(" So far ", ui.elapsed("", ms=item.waits_ms, is_running=item.waits), "."))
    return rx.fragment(item.note, so_far, rx.cond(item.wakes != "", rx.fragment(" ", item.wakes)))


def filters() -> rx.Component:
    """Status, search, workflow and days."""
    first = ui.row(
        ui.segmented(FILTERS, value=_state.status, on_change=_state.choose_status, label="Status"),
        ui.spacer(),
        ui.search_input(
            value=_state.search,
            on_change=_state.set_search,
            placeholder="Search runs and inputs",
            label="Search runs",
            width="300px",
        ),
        wrap=True,
    )
    workflow = bare_select(
        rx.foreach(_state.workflows, lambda one: rx.el.option(one["label"], value=one["value"])),
        label="Workflow",
        value=_state.chosen.get("workflow", ""),
        on_change=lambda value: _state.choose("workflow", value),
        id="runs-workflow",
    )
    days = ui.row(_day("From", "since"), _day("to", "until"), gap=2)
    return ui.stack(first, rx.el.div(workflow, days, class_name="af-run-filters"), gap=3)


def _day(label: str, name: str) -> rx.Component:
    """One end of the span of days."""
    field = rx.el.input(
        type="date",
        value=_state.chosen.get(name, ""),
        on_change=lambda day: _state.choose(name, day),
        class_name="af-input",
        id=f"runs-{name}",
    )
    return rx.el.label(rx.el.span(label), rx.debounce_input(field, debounce_timeout=600), class_name="af-run-day")


def listing() -> rx.Component:
    """The table, its next page, or what to do when it is empty."""
    chosen = _state.chosen.get
    is_chosen = (chosen("workflow", "") != "") | (chosen("since", "") != "") | (chosen("until", "") != "")
    is_filtered = (_state.status != "all") | (_state.search != "") | is_chosen
    more = rx.cond(
        _state.next_cursor != "",
        ui.row(
            ui.button(rx.cond(is_filtered, "Look further back", "Show more"), on_click=_state.load_more, loading=_state.is_loading_more),
            style={"justify_content": "center"},
        ),
    )
    return rx.cond(_state.rows.length() > 0, ui.stack(run_table(_state.rows), more, gap=4), _empty(is_filtered, more))


def _empty(is_filtered: Any, more: rx.Component) -> rx.Component:
    further = rx.cond(_state.next_cursor != "", "None of the latest runs does. Look further back, or change the filter.", _CHANGE_FILTER)
    return rx.cond(
        is_filtered,
        ui.empty_state("No run fits", further, ui.row(ui.button("Show all runs", on_click=_state.clear), more, gap=2), icon="search_x"),
        ui.empty_state(
            "Nothing has run yet",
            "Open a workflow and press Run. Every run stays here with each step's input and output.",
            ui.link_button("Go to workflows", href="/workflows", variant="primary"),
            icon="play",
        ),
    )
