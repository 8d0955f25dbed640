"""The browsers in which the person is signed in."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.sessions_state import SessionsState

_state: Any = SessionsState  # its attributes are Vars, which the type of the class does not say


def sessions_page() -> rx.Component:
    """Render the page."""
    others = ui.confirm(
        "Sign out everywhere else?",
        description="Every other browser loses access with its next click. This one stays signed in.",
        confirm_label="Sign out the others",
        on_confirm=_state.end_others,
        trigger=ui.button("Sign out everywhere else", icon="log_out"),
    )
    lines = ui.card(rx.foreach(_state.rows, _session), class_name="af-card-flush")
    nothing = ui.empty_state("No session fits", "Clear the search to see all of them.", icon="search_x")
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search sessions")
    found = ui.stack(ui.row(search), rx.cond(_state.rows.length() > 0, lines, nothing), gap=4)
    return settings_page(
        loaded(_state, found, rows=3),
        active="sessions",
        title="Sessions",
        description="Where you are signed in. End what you do not recognise, then change your password.",
        actions=(rx.cond(_state.has_others, others),),
    )


def _session(line: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(line.device, class_name="af-card-title"), rx.el.div(line.note, class_name="af-muted af-small"), class_name="af-grow-1"
    )
    end = ui.button("Sign out", size="sm", on_click=_state.end_session(line.id), aria_label=f"Sign out {line.device}")
    return rx.el.div(
        rx.cond(line.is_phone, rx.icon("smartphone", size=18), rx.icon("monitor", size=18)),
        words,
        rx.cond(line.is_current, ui.badge("This browser", tone="accent"), end),
        class_name="af-line",
    )
