"""The editor's running parts: Run button, input form, the strip that tells how the run is doing, and a node's values."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act
from components.forms.answers import answer_input
from pages.approvals.parts import decision_card
from pages.workflow.run_state import EditorRunState

_state: Any = EditorRunState  # its attributes are Vars, which the type of the class does not say


def run_button(*, before: ui.Event, disabled: ui.Flag = False) -> rx.Component:
    """Run, or Stop while a run is on. `before` saves what is still unsaved."""
    run = _state.run
    is_active = (run.status == "queued") | (run.status == "running") | (run.status == "waiting")
    stop = ui.button("Stop", icon="square", variant="danger", on_click=_state.cancel, id="stop-run")
    start = ui.button(
        "Run",
        icon="play",
        variant="primary",
        on_click=[before, _state.open_form],
        loading=_state.is_starting,
        disabled=disabled,
        id="run-workflow",
    )
    return rx.cond(is_active, stop, start)


def run_form() -> rx.Component:
    """What the run needs to know, made from the start node's fields."""
    return ui.dialog(
        "Run this workflow",
        ui.stack(_starting_points(), ui.stack(rx.foreach(_state.fields, _question), gap=4, key=_state.form_version.to_string()), gap=3),
        description="What you fill in here is what the templates call inputs.",
        open=_state.form_open,
        on_open_change=_state.set_form_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Run", icon="play", variant="primary", on_click=_state.start, loading=_state.is_starting, id="start-run"),
        ),
        width="560px",
    )


def _starting_points() -> rx.Component:
    """The last input stands there already; the examples may be taken over."""
    example = ui.button("Use the example", icon="clipboard_paste", size="sm", variant="ghost", on_click=_state.fill_in("example"))
    empty = ui.button("Empty the fields", icon="eraser", size="sm", variant="ghost", on_click=_state.fill_in(""))
    return ui.row(example, empty, gap=2)


def _question(field: Any) -> rx.Component:
    return answer_input(field, prefix="run", on_answer=_state.answer, error=_state.errors[field.name])


def run_strip() -> rx.Component:
    """How the run is doing: status, figures, why it waits, the way to its page, its decisions and its result."""
    run = _state.run
    line = ui.row(
        ui.status_badge(run.status, id="editor-run-status"),
        rx.cond(
            _state.failed_at["id"] != "",
            rx.el.button(
                "at ", _state.failed_at["label"], type="button", on_click=act("show", _state.failed_at["id"]), class_name="af-link af-small"
            ),
            rx.cond(run.note != "", rx.el.span(run.note, class_name="af-run-note")),
        ),
        ui.spacer(),
        rx.cond(run.duration != "", ui.muted(run.duration)),
        rx.cond(run.tokens != "0", ui.muted(run.tokens, " tokens")),
        ui.muted(run.cost),
        ui.link("Open run", href=run.href, class_name="af-link af-small"),
        ui.icon_button("x", label="Clear the run from the canvas", size="sm", on_click=_state.forget),
        wrap=True,
        gap=3,
    )
    waiting = rx.foreach(_state.approvals, lambda item: rx.cond(item.status == "pending", decision_card(item, show_run=False)))
    result = rx.cond(
        run.status == "succeeded",
        rx.el.details(
            rx.el.summary("Result"),
            ui.value_view(_state.output["value"], label="Result", max_height="220px"),
            open=True,
            class_name="af-run-result",
        ),
    )
    return rx.cond(run.id != "", rx.el.section(line, waiting, result, class_name="af-run-strip", aria_label="Run"))


def node_values() -> rx.Component:
    """The last run's input and output of the selected node, for the inspector."""
    step = _state.step
    head = ui.row(
        ui.status_badge(step.status), ui.muted(step.duration), rx.cond(step.tokens != "0", ui.muted(step.tokens, " tokens")), gap=2
    )
    error = rx.cond(step.error != "", ui.callout(step.error, tone="red", title=step.error_title))
    text = rx.cond(_state.live_text != "", rx.el.div(_state.live_text, class_name="af-live-text"))
    output = rx.cond(step.has_output, _value("Output", step.output))
    filled = ui.stack(head, error, text, output, _value("Input", step.inputs), gap=3)
    empty = ui.empty_state(
        "No values yet", "Run the workflow to see what goes in and out of this node.", icon="play", compact=True, framed=False
    )
    return rx.cond(step.key != "", filled, empty)


def _value(title: str, value: Any) -> rx.Component:
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), ui.value_view(value, label=title, max_height="300px"))
