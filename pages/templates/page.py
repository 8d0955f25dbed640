"""The template gallery."""

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.templates import parts
from pages.templates.state import TemplatesState


def _gallery() -> rx.Component:
    nothing = ui.empty_state(
        "No template fits this search",
        "Try other words, or begin with a blank canvas.",
        ui.button("Show all", on_click=TemplatesState.set_search("")),
        icon="search_x",
    )
    blank = rx.cond(TemplatesState.search == "", parts.blank_card(), rx.fragment())
    cards = ui.grid(rx.foreach(TemplatesState.found, parts.template_card), blank, min_width="280px")
    is_empty = (ui.length_of(TemplatesState.found) == 0) & (TemplatesState.search != "")
    return rx.cond(is_empty, nothing, cards)


def templates_page() -> rx.Component:
    """Render the page."""
    header = ui.page_header(
        "Templates",
        description="Ready-made workflows that run at once, without a key. Using one makes a copy of your own.",
        actions=(ui.search_input(value=TemplatesState.search, on_change=TemplatesState.set_search, placeholder="Search templates"),),
    )
    body = rx.cond(
        TemplatesState.is_loading,
        ui.skeleton_cards(6, height="270px"),
        rx.cond(TemplatesState.problem != "", ui.error_state(TemplatesState.problem, on_retry=TemplatesState.load), _gallery()),
    )
    return shell_page(header, body, title="Templates", active="templates")
