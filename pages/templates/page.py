"""The template gallery."""

import reflex as rx

from components import ui
from components.shell import shell_page
from components.shell.rights import for_makers, looking_badge
from pages.templates import parts
from pages.templates.state import TemplatesState

# On a touch screen the cursor would bring up the keyboard over what one came to see.
_BEGIN_TYPING = "matchMedia('(pointer: fine)').matches && document.querySelector('[role=search] input')?.focus({ preventScroll: true })"


def _gallery() -> rx.Component:
    nothing = ui.empty_state(
        "No template fits this search",
        "Try other words, or begin with a blank canvas.",
        ui.button("Show all", on_click=TemplatesState.set_search("")),
        for_makers(
            ui.button("Blank workflow", icon="plus", on_click=TemplatesState.start_blank, loading=TemplatesState.opening == parts.BLANK)
        ),
        icon="search_x",
    )
    blank = rx.cond(TemplatesState.has_blank, for_makers(parts.blank_card()), rx.fragment())
    cards = ui.grid(blank, rx.foreach(TemplatesState.found, parts.template_card), min_width="280px")
    hint = for_makers(rx.cond(TemplatesState.search.strip() != "", ui.muted("Enter opens the first one.", class_name="af-small")))
    is_empty = (ui.length_of(TemplatesState.found) == 0) & ~TemplatesState.has_blank
    return rx.cond(is_empty, nothing, ui.stack(hint, cards, gap=3))


def _search() -> rx.Component:
    """Whoever comes to begin something can type at once; Enter opens what is found first."""
    box = ui.search_input(value=TemplatesState.search, on_change=TemplatesState.set_search, placeholder="Search templates", name="words")
    return rx.el.form(box, on_submit=TemplatesState.use_first, on_mount=rx.call_script(_BEGIN_TYPING), role="search")


def templates_page() -> rx.Component:
    """Render the page."""
    header = ui.page_header(
        "Templates",
        description="Ready-made workflows that run at once, without a key. Using one makes a copy of your own.",
        actions=(looking_badge(), _search()),
    )
    body = rx.cond(
        TemplatesState.is_loading,
        ui.skeleton_cards(6, height="270px"),
        rx.cond(TemplatesState.problem != "", ui.error_state(TemplatesState.problem, on_retry=TemplatesState.load), _gallery()),
    )
    return shell_page(header, body, title="Templates", active="templates")
