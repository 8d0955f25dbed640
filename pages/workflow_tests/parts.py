"""The list of tests: a card each, with what did not come out as expected."""

from typing import Any

import reflex as rx

from components import ui
from pages.runs.present import RunItem
from pages.workflow_tests.form_state import TestFormState
from pages.workflow_tests.present import DiffLine, ResultItem, TestItem
from pages.workflow_tests.state import WorkflowTestsState

_state: Any = WorkflowTestsState  # its attributes are Vars, which the type of the class does not say
_form: Any = TestFormState


def head() -> rx.Component:
    """Title, how many passed, and what one can do."""
    back = ui.link(rx.icon("arrow_left", size=14), _state.name, href=_state.editor_href, class_name="af-link af-small af-row")
    has_tests = _state.tests.length() > 0
    actions = rx.fragment(
        rx.cond(_state.can_edit & has_tests, ui.button("From a past run", icon="history", on_click=_state.choose_run), rx.fragment()),
        rx.cond(_state.can_edit & has_tests, ui.button("New test", icon="plus", on_click=_form.open_blank), rx.fragment()),
        rx.cond(
            _state.can_run & has_tests,
            ui.button("Run all", icon="play", variant="primary", on_click=_state.run_all, loading=_state.is_running, id="run-all-tests"),
            rx.fragment(),
        ),
    )
    words = "Inputs with what must come out of them. They run on the workers, as the workflow stands now."
    return rx.el.div(
        ui.page_header("Tests", description=words, before=back, actions=(actions,)),
        rx.cond(_state.summary != "", rx.el.p(_state.summary, class_name="af-test-summary", role="status"), rx.fragment()),
    )


def nothing_yet() -> rx.Component:
    """What to do first."""
    buttons = ui.row(
        ui.button("Make one of a past run", icon="history", variant="primary", on_click=_state.choose_run),
        ui.button("New test", icon="plus", on_click=_form.open_blank),
        wrap=True,
    )
    return ui.empty_state(
        "No tests yet",
        "A test tells you whether the workflow still does what it did, after every change of a step, an agent or a model.",
        rx.cond(_state.can_edit, buttons, rx.fragment()),
        icon="flask_conical",
    )


def test_card(test: rx.vars.ObjectVar[TestItem]) -> rx.Component:
    """One test with its verdict and its failures."""
    name = rx.cond(
        _state.can_edit,
        rx.el.button(test.name, type="button", on_click=_form.edit(test.id), class_name="af-test-name"),
        rx.el.span(test.name, class_name="af-test-name"),
    )
    run = ui.icon_button(
        "play", label="Run this test", size="sm", on_click=_state.run_one(test.id), disabled=(test.verdict == "running") | ~_state.can_run
    )
    opened = ui.link("Open run", href=test.run_href, class_name="af-link af-small")
    line = rx.el.div(
        _verdict(test),
        rx.el.div(name, rx.el.div(test.given, class_name="af-muted af-small af-truncate"), class_name="af-test-text"),
        ui.muted(test.note, class_name="af-test-note"),
        ui.row(rx.cond(test.run_href != "", opened), run, _more(test), gap=2),
        class_name="af-test-line",
    )
    failures = rx.el.div(rx.foreach(test.failures, _failure), class_name="af-test-failures")
    body = rx.el.article(line, rx.cond(test.failures.length() > 0, failures, rx.fragment()), class_name="af-test", aria_label=test.name)
    return rx.el.li(body, key=test.id, custom_attrs={"data-verdict": test.verdict})


def _verdict(test: rx.vars.ObjectVar[TestItem]) -> rx.Component:
    icon = rx.match(
        test.verdict,
        ("passed", rx.icon("circle_check", size=18, aria_hidden="true")),
        ("failed", rx.icon("circle_x", size=18, aria_hidden="true")),
        ("running", ui.spinner()),
        rx.icon("circle_dashed", size=18, aria_hidden="true"),
    )
    return rx.el.span(
        icon, rx.el.span(test.label, class_name="af-sr"), class_name=f"af-verdict af-verdict-{test.verdict}", title=test.label, role="img"
    )


def _more(test: rx.vars.ObjectVar[TestItem]) -> rx.Component:
    trigger = ui.icon_button("ellipsis", label="More", size="sm", tip=False)
    items = ui.menu(
        trigger,
        ui.menu_item("Edit", icon="pencil", on_click=_form.edit(test.id)),
        ui.menu_item("Copy", icon="copy", on_click=_state.copy(test.id)),
        ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.remove(test.id)),
        align="end",
    )
    return rx.cond(_state.can_edit, items, rx.fragment())


def _failure(result: rx.vars.ObjectVar[ResultItem]) -> rx.Component:
    def side(label: str, text: Any, mark: str) -> rx.Component:
        shown = rx.el.pre(rx.cond(text == "", "nothing", text), class_name=f"af-result-line af-result-{mark}")
        return rx.el.div(rx.el.span(label, class_name="af-result-label"), shown, class_name="af-result-side")

    def line(one: rx.vars.ObjectVar[DiffLine]) -> rx.Component:
        name = rx.match(one.mark, ("-", "af-result-line af-result-wanted"), ("+", "af-result-line af-result-found"), "af-result-line")
        return rx.el.pre(rx.el.span(one.mark, class_name="af-result-mark", aria_hidden="true"), one.text, class_name=name)

    sides = rx.fragment(rx.cond(result.wanted != "", side("wanted", result.wanted, "wanted")), side("found", result.found, "found"))
    lines = rx.el.div(rx.foreach(result.lines, line), class_name="af-diff", aria_label="Difference")
    return rx.el.div(
        rx.el.div(result.what, class_name="af-test-what"), rx.cond(result.lines.length() > 0, lines, sides), class_name="af-failure"
    )


def run_choice() -> rx.Component:
    """Which past run becomes a test."""

    def row(run: rx.vars.ObjectVar[RunItem]) -> rx.Component:
        figures = ui.muted(run.started, " · ", run.duration, rx.cond(run.by != "", f" · by {run.by}", ""))
        text = rx.el.span(rx.el.span(run.title, class_name="af-truncate"), figures, class_name="af-test-text")
        return rx.el.button(
            ui.status_badge(run.status), text, type="button", on_click=_state.add_from_run(run.id), class_name="af-test-choice", key=run.id
        )

    none = ui.empty_state("No run is over yet", "Run the workflow once, then come back.", icon="history", framed=False, compact=True)
    rows = rx.el.div(rx.foreach(_state.past_runs, row), class_name="af-test-choices")
    return ui.dialog(
        "Make a test of a past run",
        rx.cond(_state.past_runs.length() > 0, rows, none),
        description="It gets the run's inputs and buttons, and expects what the run gave: short values exactly, longer texts to be there.",
        open=_state.is_choosing,
        on_open_change=_state.set_choosing,
        width="560px",
    )
