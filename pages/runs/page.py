"""The run list page."""

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.runs.parts import filters, listing
from pages.runs.state import RunsState


def runs_page() -> rx.Component:
    """All runs of the workspace."""
    body = rx.cond(
        RunsState.problem != "",
        ui.error_state(RunsState.problem, on_retry=RunsState.load),
        rx.cond(RunsState.is_loading, ui.skeleton_rows(), ui.stack(filters(), listing(), gap=4)),
    )
    return shell_page(
        ui.page_header("Runs", description="What ran, what is running, and what waits for somebody."), body, title="Runs", active="runs"
    )
