"""The calendar: what came due and what is to come, two weeks at a time."""

from typing import Any

import reflex as rx

from components import ui
from pages.triggers.calendar_state import CalendarState
from pages.triggers.frame import triggers_page

_state: Any = CalendarState  # its attributes are Vars, which the type of the class does not say


def calendar_page() -> rx.Component:
    """Two weeks."""
    bar = ui.row(
        rx.el.h2(_state.title, class_name="af-calendar-title"),
        ui.muted(_state.zone),
        ui.spacer(),
        rx.cond(_state.is_this_week, rx.fragment(), ui.button("Today", size="sm", on_click=_state.turn(0))),
        ui.icon_button("chevron_left", label="Two weeks back", on_click=_state.turn(-2)),
        ui.icon_button("chevron_right", label="Two weeks on", on_click=_state.turn(2)),
        wrap=True,
        gap=2,
    )
    grid = rx.el.ol(rx.foreach(_state.days, _day), class_name="af-calendar")
    nothing = ui.callout(
        "Nothing is planned in these two weeks. ", ui.link("Make a schedule", href="/triggers/schedules/new", class_name="af-link")
    )
    content = ui.stack(bar, rx.cond(_state.is_empty, nothing), grid, gap=4)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), content),
    )
    return triggers_page(body, active="calendar")


def _day(day: Any) -> rx.Component:
    head = rx.el.div(rx.el.span(day.weekday), rx.el.strong(day.day), class_name="af-calendar-head")
    quiet = rx.cond(day.moments.length() == 0, rx.el.span("Nothing", class_name="af-calendar-none"))
    return rx.el.li(
        head,
        rx.foreach(day.moments, _moment),
        quiet,
        class_name=rx.cond(
            day.is_today, "af-calendar-day af-is-today", rx.cond(day.is_past, "af-calendar-day af-is-past", "af-calendar-day")
        ),
        custom_attrs={"data-moments": day.moments.length()},
        aria_current=rx.cond(day.is_today, "date", "false"),
        key=day.key,
    )


def _moment(item: Any) -> rx.Component:
    dot = rx.el.span(class_name=f"af-calendar-dot af-status-{item.status}", aria_hidden="true")
    words = rx.el.span(item.words, class_name="af-sr")
    return ui.link(
        dot,
        rx.el.span(item.at, class_name="af-calendar-at"),
        rx.el.span(item.name, class_name="af-truncate"),
        words,
        href=item.href,
        title=item.words,
        class_name="af-calendar-item",
    )
