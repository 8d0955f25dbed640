"""The run list page."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.runs.parts import filters, listing
from pages.runs.state import RunsState

_state: Any = RunsState  # its attributes are Vars, which the type of the class does not say


def runs_page() -> rx.Component:
    """All runs of the workspace."""
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_rows(), ui.stack(filters(), listing(), gap=4)),
    )
    return shell_page(
        ui.page_header("Runs", description="What ran, what is running, and what waits for somebody."),
        body,
        ui.pulse(_state.follow),
        title="Runs",
        active="runs",
    )
