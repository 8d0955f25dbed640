"""Parts of the pages about schedules: the list, its filters, and badges that other pages of triggers share."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.state import FILTERS, SchedulesState

_state: Any = SchedulesState  # its attributes are Vars, which the type of the class does not say
_STATUS = {"active": ("Active", "green"), "paused": ("Paused", "neutral"), "over": ("Over", "neutral"), "off": ("Switched off", "red")}


def state_badge(status: Any) -> Any:
    """Whether a schedule or a rule is on."""
    shown = {key: ui.badge(words, tone=tone) for key, (words, tone) in _STATUS.items()}  # type: ignore[arg-type] - tones are literals above
    return rx.match(status, *shown.items(), rx.fragment())


def outcome_badge(words: Any, status: Any) -> rx.Component:
    """What became of a moment, coloured like the status of a run, in words of its own."""
    return rx.el.span(words, class_name=f"af-badge af-status af-status-{status} af-as-said")


def filters() -> rx.Component:
    """State and search."""
    return ui.row(
        ui.segmented(FILTERS, value=_state.status, on_change=_state.choose_status, label="State"),
        ui.spacer(),
        ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search schedules"),
        wrap=True,
    )


def listing() -> rx.Component:
    """The table, or what to do when it is empty."""
    heads = ("Schedule", rx.el.th("Workflow", scope="col", class_name="af-wide-only"), "State", "Next", "Last", "")
    table = ui.table(heads, rx.foreach(_state.rows, _line), label="Schedules")
    return rx.cond(_state.rows.length() > 0, table, _empty())


def _line(item: Any) -> rx.Component:
    name = ui.stack(
        ui.link(item.name, href=item.href, class_name="af-strong-link"),
        ui.muted(item.said, " · ", item.zone),
        gap=1,
    )
    workflow = rx.cond(
        item.workflow_href != "",
        ui.link(item.workflow, href=item.workflow_href, class_name="af-link"),
        ui.muted(item.workflow),
    )
    upcoming = ui.stack(rx.el.span(item.next_in), ui.muted(item.next_at), gap=1)
    last = rx.cond(
        item.last_words != "",
        ui.stack(rx.el.div(outcome_badge(item.last_words, item.last_status)), ui.muted(item.last_at), gap=1),
        ui.muted("Not yet"),
    )
    return ui.table_row(
        rx.el.td(name, style={"min_width": "160px", "max_width": "340px"}),
        rx.el.td(workflow, style={"max_width": "220px"}, class_name="af-wide-only"),
        rx.el.td(rx.el.span(state_badge(item.status), title=item.note)),
        rx.el.td(rx.cond(item.next_at != "", upcoming, ui.muted("Nothing")), class_name="af-nowrap"),
        rx.el.td(last, class_name="af-nowrap"),
        rx.el.td(rx.cond(_state.can_edit, _menu(item)), class_name="af-cell-menu"),
        key=item.id,
        custom_attrs={"data-schedule": item.id},
    )


def _menu(item: Any) -> rx.Component:
    trigger = ui.icon_button("ellipsis", label=f"More about {item.name}", size="sm", tip=False)
    turn = rx.cond(
        item.status == "active",
        ui.menu_item("Pause", icon="pause", on_click=_state.pause(item.id)),
        ui.menu_item("Resume", icon="play", on_click=_state.resume(item.id)),
    )
    return ui.menu(
        trigger,
        ui.menu_item("Run now", icon="zap", on_click=_state.run_now(item.id)),
        turn,
        ui.menu_item("Edit", icon="pencil", on_click=rx.redirect(item.edit_href)),
        ui.menu_item("Duplicate", icon="copy_plus", on_click=_state.duplicate(item.id)),
        ui.menu_separator(),
        ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.ask_delete(item.id)),
        align="end",
    )


def delete_question() -> rx.Component:
    """Ask before a schedule goes."""
    return ui.confirm(
        "Delete this schedule?",
        description=f"“{_state.asked_name}” starts nothing any more. Runs it started stay readable.",
        confirm_label="Delete",
        on_confirm=_state.delete,
        open=_state.asked_id != "",
        on_open_change=_state.set_asking,
    )


def _empty() -> rx.Component:
    is_filtered = (_state.status != "all") | (_state.search != "") | ((_state.workflow_id != "") & (_state.total > 0))
    first = ui.empty_state(
        "No schedule yet",
        "A schedule starts a workflow at set times: every weekday at 9, every 15 minutes, on the last day of the month.",
        rx.cond(_state.can_edit, ui.link_button("New schedule", href=_state.new_href, icon="plus", variant="primary")),
        icon="alarm_clock",
    )
    return rx.cond(is_filtered, ui.empty_state("No schedule fits", "Choose another state or clear the search.", icon="search_x"), first)
