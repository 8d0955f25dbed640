"""The approvals page: every decision that runs of this workspace wait for."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.approvals.parts import decision_card
from pages.approvals.state import TABS, WHOSE, ApprovalsState

_state: Any = ApprovalsState  # its attributes are Vars, which the type of the class does not say


def approvals_page() -> rx.Component:
    """Waiting and decided approvals."""
    listing = rx.cond(
        _state.items.length() > 0,
        ui.stack(rx.foreach(_state.items, decision_card), gap=4, class_name="af-reading-width"),
        rx.cond(
            _state.tab == "pending",
            ui.empty_state(
                "Nothing waits for you", "When a workflow reaches an approval step, its question appears here.", icon="circle_check"
            ),
            ui.empty_state("No decisions yet", "Decisions stay here for the record.", icon="history"),
        ),
    )
    others = ui.button(
        rx.cond(_state.elsewhere == 1, "One more is for others", f"{_state.elsewhere} more are for others"),
        variant="link",
        on_click=_state.choose_whose("all"),
    )
    listing = ui.stack(listing, rx.cond((_state.whose == "mine") & (_state.elsewhere > 0), others), gap=3)
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_cards(2), listing),
    )
    switch = ui.segmented(TABS, value=_state.tab, on_change=_state.choose_tab, label="Which decisions")
    whose = ui.segmented(WHOSE, value=_state.whose, on_change=_state.choose_whose, label="Whose decisions")
    header = ui.page_header("Approvals", description="Runs that wait for a person. Decide, and they go on.", actions=(whose, switch))
    return shell_page(header, body, ui.pulse(_state.follow), title="Approvals", active="approvals")
