"""The tests page of a workflow."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.workflow_tests.form import test_form
from pages.workflow_tests.parts import head, nothing_yet, run_choice, test_card
from pages.workflow_tests.state import WorkflowTestsState

_state: Any = WorkflowTestsState  # its attributes are Vars, which the type of the class does not say


def workflow_tests_page() -> rx.Component:
    """Render the page."""
    tests = rx.el.ul(rx.foreach(_state.tests, test_card), class_name="af-tests", aria_label="Tests")
    content = rx.fragment(head(), rx.cond(_state.tests.length() > 0, tests, nothing_yet()))
    broken = ui.error_state(_state.problem, title="These tests cannot be shown", on_retry=_state.load)
    return shell_page(
        rx.cond(_state.is_loading, ui.skeleton_rows(), rx.cond(_state.problem != "", broken, content)),
        run_choice(),
        test_form(),
        title="Tests",
        active="workflows",
    )
