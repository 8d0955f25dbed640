"""API keys of the person in this workspace."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.keys_state import LIFETIMES, KeysState
from pages.webhooks.parts import copy_line

_state: Any = KeysState  # its attributes are Vars, which the type of the class does not say


def keys_page() -> rx.Component:
    """Render the page."""
    return settings_page(
        loaded(_state, _listing(), rows=3),
        _making(),
        _shown(),
        _asking(),
        active="keys",
        title="API keys",
        description="For programs that act in your name in this workspace. A key never does more than its scopes and your role allow.",
        actions=(ui.link_button("API reference", href="/docs", icon="book_open"), _new_key()),
        wide=True,
    )


def _new_key() -> rx.Component:
    return ui.button("New key", icon="plus", variant="primary", on_click=_state.begin)


def _listing() -> rx.Component:
    heads = ("Key", "May", "State", "Last used", "")
    table = ui.table(heads, rx.foreach(_state.rows, _row), label="API keys")
    nothing = ui.empty_state("No key fits", "Clear the search to see all of them.", icon="search_x")
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search API keys")
    found = ui.stack(ui.row(search), rx.cond(_state.rows.length() > 0, table, nothing), gap=4)
    return rx.cond((_state.rows.length() > 0) | (_state.search != ""), found, _empty())


def _row(item: Any) -> rx.Component:
    badge = rx.match(
        item.status,
        ("active", ui.badge("Active", tone="green")),
        ("expired", ui.badge("Expired", tone="amber")),
        ui.badge("Revoked"),
    )
    revoke = ui.button("Revoke", size="sm", on_click=_state.ask_delete(item.id), aria_label=f"Revoke {item.name}")
    return ui.table_row(
        rx.el.td(ui.stack(rx.el.strong(item.name), rx.el.code(item.prefix, class_name="af-muted"), gap=1)),
        rx.el.td(item.scopes),
        rx.el.td(ui.row(badge, ui.muted(item.ends)), class_name="af-nowrap"),
        rx.el.td(item.used),
        rx.el.td(rx.cond(item.status == "active", revoke), class_name="af-nowrap"),
    )


def _empty() -> rx.Component:
    return ui.empty_state(
        "No key yet",
        "A key lets a script, a server or the command line work with this workspace, without your password.",
        _new_key(),
        icon="key_round",
    )


def _making() -> rx.Component:
    """The dialog of a new key."""
    name = ui.text_field(
        "Name",
        name="key-name",
        value=_state.name,
        on_change=_state.set_name,
        help="What it is for, such as “CI”.",
        error=_state.errors.get("name", ""),
    )
    lasting = ui.select("Lasts", LIFETIMES, name="days", value=_state.days, on_change=_state.set_days)
    fields = ui.stack(name, _scopes(), lasting, gap=4)
    buttons = (
        ui.dialog_close(ui.button("Cancel")),
        ui.button("Create key", variant="primary", type="submit", custom_attrs={"form": "new-key"}),
    )
    return ui.dialog(
        "New API key",
        rx.el.form(fields, on_submit=_state.create, id="new-key"),
        open=_state.is_making,
        on_open_change=_state.set_making,
        footer=buttons,
        width="520px",
    )


def _scopes() -> rx.Component:
    told = _state.errors.get("scopes", "")
    problem = rx.cond(told != "", rx.el.div(told, class_name="af-error", role="alert"))
    boxes = ui.stack(rx.foreach(_state.scopes, _scope), gap=3)
    return rx.el.fieldset(rx.el.legend("What it may do", class_name="af-label"), boxes, problem, class_name="af-field")


def _scope(item: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox", checked=item.is_on, on_change=lambda is_on: _state.set_scope(item.id, is_on), class_name="af-checkbox"
    )
    words = ui.stack(rx.el.span(item.label), ui.muted(item.description), gap=1)
    return rx.el.label(box, words, class_name="af-scope af-small")


def _shown() -> rx.Component:
    """The key, told this once."""
    words = "The key is shown this once. Keep it where your program keeps its secrets."
    return ui.dialog(
        "The key is ready",
        ui.stack(copy_line("API key", _state.made.secret), ui.callout(words, tone="amber", icon="key_round"), gap=4),
        open=_state.made.secret != "",
        on_open_change=_state.set_shown,
        footer=(ui.dialog_close(ui.button("Done", variant="primary")),),
        width="620px",
    )


def _asking() -> rx.Component:
    """The question before a key is ended."""
    return ui.dialog(
        f"Revoke “{_state.asked_name}”?",
        rx.el.p("Programs that use it are refused from now on. This cannot be undone."),
        open=_state.asked_id != "",
        on_open_change=_state.set_asking,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Revoke key", variant="danger", on_click=_state.revoke)),
        width="440px",
    )
