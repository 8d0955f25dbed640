"""Search boxes, segmented controls and tabs: choosing what a page shows."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from components.scripts import script
from components.ui.base import Event, Node, Text
from components.ui.buttons import link


class ChosenInSight(rx.Component):
    """Stands in a row that scrolls sideways and shows what is chosen there."""

    library = script(__name__, "scroll_row.jsx")
    tag = "ChosenInSight"


def search_input(
    *,
    value: Text,
    on_change: Event,
    placeholder: str = "Search",
    label: str = "",
    width: str = "260px",
    debounce_ms: int = 200,
    **props: Any,
) -> rx.Component:
    """A search box; `on_change` fires when typing pauses."""
    named = {"placeholder": placeholder, "aria_label": label or placeholder, "class_name": "af-input", **props}
    box = rx.el.input(type="search", value=value, on_change=on_change, **named)
    control = rx.debounce_input(box, debounce_timeout=debounce_ms)
    glass = rx.icon("search", size=15, aria_hidden="true")
    return rx.el.div(glass, control, class_name="af-with-icon af-search", style={"--af-search-width": width})


def segmented(choices: Sequence[tuple[str, Text]], *, value: rx.Var[str], on_change: Any, label: str) -> rx.Component:
    """Two to five exclusive choices side by side; `on_change(value)` is called with the chosen value."""

    def segment(key: str, text: Text) -> rx.Component:
        return rx.el.button(text, type="button", role="radio", aria_checked=value == key, on_click=on_change(key), class_name="af-segment")

    segments = [segment(key, text) for key, text in choices]
    return rx.el.div(*segments, ChosenInSight.create(), role="radiogroup", aria_label=label, class_name="af-segmented af-row-scroll")


def tabs(
    *panels: tuple[str, Node, Node], value: Text | None = None, on_change: Event | None = None, default: str = "", **props: Any
) -> rx.Component:
    """Tabs of (value, label, content); only the chosen content is mounted."""
    driven: dict[str, Any] = {"value": value, "on_change": on_change} if value is not None else {"default_value": default or panels[0][0]}
    triggers = [rx.tabs.trigger(label, value=key) for key, label, _ in panels]
    contents = [rx.tabs.content(content, value=key) for key, _, content in panels]
    return rx.tabs.root(rx.tabs.list(*triggers), *contents, **driven, **props)


def route_tabs(choices: Sequence[tuple[str, str, str]], *, active: str, label: str, query: Text = "") -> rx.Component:
    """Tabs that are pages of their own, as (key, label, address); `query` (with its "?") goes along from one to the next."""

    def tab(key: str, text: str, href: str) -> rx.Component:
        current = {"aria_current": "page"} if key == active else {}
        return link(text, href=f"{href}{query}", class_name="af-route-tab", **current)

    return rx.el.nav(
        *[tab(*choice) for choice in choices], ChosenInSight.create(), aria_label=label, class_name="af-route-tabs af-row-scroll"
    )
