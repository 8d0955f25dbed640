"""The approvals page: every decision that runs of this workspace wait for."""

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.approvals.parts import decision_card
from pages.approvals.state import TABS, ApprovalsState


def approvals_page() -> rx.Component:
    """Waiting and decided approvals."""
    listing = rx.cond(
        ApprovalsState.items.length() > 0,
        ui.stack(rx.foreach(ApprovalsState.items, decision_card), gap=4),
        rx.cond(
            ApprovalsState.tab == "pending",
            ui.empty_state(
                "Nothing waits for you", "When a workflow reaches an approval step, its question appears here.", icon="circle_check"
            ),
            ui.empty_state("No decisions yet", "Decisions stay here for the record.", icon="history"),
        ),
    )
    body = rx.cond(
        ApprovalsState.problem != "",
        ui.error_state(ApprovalsState.problem, on_retry=ApprovalsState.load),
        rx.cond(ApprovalsState.is_loading, ui.skeleton_cards(2), listing),
    )
    switch = ui.segmented(TABS, value=ApprovalsState.tab, on_change=ApprovalsState.choose_tab, label="Which decisions")
    header = ui.page_header("Approvals", description="Runs that wait for a person. Decide, and they go on.", actions=(switch,))
    return shell_page(header, rx.el.div(body, style={"max_width": "760px"}), title="Approvals", active="approvals")
