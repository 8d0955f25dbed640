"""The audit trail: who did what to which thing, from where; filtered, exported, proved."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.audit_state import AuditState

_state: Any = AuditState  # its attributes are Vars, which the type of the class does not say
_OUTCOMES = [("", "Any outcome"), ("done", "Done"), ("denied", "Refused")]


def audit_page() -> rx.Component:
    """Render the page."""
    body = loaded(_state, ui.stack(_filters(), _listing(), _foot(), gap=4), rows=8)
    exports = ui.menu(
        ui.button("Export", icon="download"),
        ui.menu_item("CSV", on_click=_state.export("csv")),
        ui.menu_item("JSON", on_click=_state.export("json")),
        align="end",
    )
    allowed = (_state.problem == "") & ~_state.is_loading
    return settings_page(
        body,
        _entry(),
        active="audit",
        title="Audit",
        description="Who did what, and from where. Every entry is sealed to the one before.",
        actions=(rx.cond(allowed, ui.button("Verify", icon="shield_check", on_click=_state.verify)), rx.cond(allowed, exports)),
        wide=True,
    )


def _filters() -> rx.Component:
    chosen = _state.filters.get
    search = ui.search_input(
        value=_state.search, on_change=_state.set_search, placeholder="Search names, actions and addresses", width="340px"
    )
    narrow = ui.grid(
        ui.select("Who", _state.people, name="person", value=chosen("person", ""), on_change=lambda one: _state.set_filter("person", one)),
        ui.select(
            "What", _state.actions, name="action", value=chosen("action", ""), on_change=lambda one: _state.set_filter("action", one)
        ),
        ui.select("Thing", _state.kinds, name="kind", value=chosen("kind", ""), on_change=lambda one: _state.set_filter("kind", one)),
        ui.select(
            "Outcome", _OUTCOMES, name="outcome", value=chosen("outcome", ""), on_change=lambda one: _state.set_filter("outcome", one)
        ),
        _day("From", "since"),
        _day("To", "until"),
        min_width="140px",
        gap=3,
    )
    return ui.stack(search, narrow, gap=3)


def _day(label: str, name: str) -> rx.Component:
    return ui.text_field(
        label, name=name, type="date", value=_state.filters.get(name, ""), on_change=lambda day: _state.set_filter(name, day)
    )


def _listing() -> rx.Component:
    table = ui.table(("When", "Who", "What", "Thing", "Outcome"), rx.foreach(_state.rows, _row), label="Audit trail")
    nothing = ui.empty_state("Nothing fits", "Widen the filters to see more.", icon="search_x")
    return rx.cond(_state.rows.length() > 0, table, nothing)


def _row(item: Any) -> rx.Component:
    open_it = rx.el.button(item.what, type="button", class_name="af-link-button", on_click=_state.show(item.seq))
    return ui.table_row(
        rx.el.td(item.when, class_name="af-nowrap"),
        rx.el.td(ui.stack(rx.el.span(item.who), rx.cond(item.how != "", ui.muted(item.how)), gap=1)),
        rx.el.td(open_it, class_name="af-audit-what"),
        rx.el.td(ui.stack(rx.el.span(item.thing, class_name="af-clamp-2"), ui.muted(item.kind), gap=1), style={"max_width": "320px"}),
        rx.el.td(rx.cond(item.is_denied, ui.badge("Refused", tone="red"), ui.badge("Done"))),
    )


def _foot() -> rx.Component:
    keep = ui.select(
        "Entries are kept for",
        [("30", "30 days"), ("365", "A year")],
        name="retention",
        value=_state.retention,
        on_change=_state.keep,
        disabled=~_state.can_manage,
        help=rx.cond(_state.can_manage, "Older ones are removed, which the chain records.", "Only an owner changes this."),
    )
    more = rx.cond(_state.next_cursor != "", ui.button("Show more", on_click=_state.more))
    count = ui.muted(f"{_state.rows.length()} of {_state.total}")
    return ui.stack(ui.row(more, count), rx.el.div(keep, class_name="af-narrow"), gap=6)


def _entry() -> rx.Component:
    shown = _state.shown
    facts = (("Entry", shown.seq), ("When", shown.when), ("Who", shown.who), ("From", shown.how), ("Action", shown.action))
    more = (("Thing", shown.thing), ("Id", shown.resource_id), ("Note", shown.note))
    rows = [rx.el.tr(rx.el.th(label, scope="row"), rx.el.td(value)) for label, value in (*facts, *more)]
    changes = ui.table(("Field", "Before", "After"), rx.foreach(shown.changes, _change), label="Changes", keeps_columns=True)
    return ui.dialog(
        shown.what,
        ui.stack(rx.el.table(rx.el.tbody(*rows), class_name="af-table"), rx.cond(shown.changes.length() > 0, changes), gap=4),
        open=shown.seq > 0,
        on_open_change=_state.set_shown,
        width="640px",
    )


def _change(item: Any) -> rx.Component:
    return ui.table_row(rx.el.td(item.name, class_name="af-nowrap"), rx.el.td(item.before), rx.el.td(item.after))
