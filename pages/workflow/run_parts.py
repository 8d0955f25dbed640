"""The editor's running parts: Run button, input form, the strip that tells how the run is doing, and a node's values."""

import reflex as rx

from components import ui
from components.forms.answers import AnswerField, answer_input
from pages.approvals.parts import decision_card
from pages.workflow.run_state import EditorRunState


def run_button(*, disabled: ui.Flag = False) -> rx.Component:
    """Run, or Stop while a run is on."""
    run = EditorRunState.run
    is_active = (run.status == "queued") | (run.status == "running") | (run.status == "waiting")
    stop = ui.button("Stop", icon="square", variant="danger", on_click=EditorRunState.cancel, id="stop-run")
    start = ui.button(
        "Run",
        icon="play",
        variant="primary",
        on_click=EditorRunState.open_form,
        loading=EditorRunState.is_starting,
        disabled=disabled,
        id="run-workflow",
    )
    return rx.cond(is_active, stop, start)


def run_form() -> rx.Component:
    """What the run needs to know, made from the start node's fields."""
    return ui.dialog(
        "Run this workflow",
        ui.stack(rx.foreach(EditorRunState.fields, _question), gap=4),
        description="What you fill in here is what the templates call inputs.",
        open=EditorRunState.form_open,
        on_open_change=EditorRunState.set_form_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button(
                "Run", icon="play", variant="primary", on_click=EditorRunState.start, loading=EditorRunState.is_starting, id="start-run"
            ),
        ),
        width="560px",
    )


def _question(field: rx.Var[AnswerField]) -> rx.Component:
    return answer_input(field, prefix="run", on_answer=EditorRunState.answer, error=EditorRunState.errors[field.name])


def run_strip() -> rx.Component:
    """How the run is doing: status, figures, why it waits, the way to its page, its decisions and its result."""
    run = EditorRunState.run
    line = ui.row(
        ui.status_badge(run.status, id="editor-run-status"),
        rx.cond(run.note != "", rx.el.span(run.note, class_name="af-run-note")),
        ui.spacer(),
        rx.cond(run.duration != "", ui.muted(run.duration)),
        rx.cond(run.tokens != "0", ui.muted(run.tokens, " tokens")),
        ui.muted(run.cost),
        ui.link("Open run", href=run.href, class_name="af-link af-small"),
        ui.icon_button("x", label="Clear the run from the canvas", size="sm", on_click=EditorRunState.forget),
        wrap=True,
        gap=3,
    )
    waiting = rx.foreach(EditorRunState.approvals, lambda item: rx.cond(item.status == "pending", decision_card(item, show_run=False)))
    result = rx.cond(
        run.status == "succeeded",
        rx.el.details(
            rx.el.summary("Result"), ui.json_view(EditorRunState.output["value"], max_height="220px"), open=True, class_name="af-run-result"
        ),
    )
    return rx.cond(run.id != "", rx.el.section(line, waiting, result, class_name="af-run-strip", aria_label="Run"))


def node_values() -> rx.Component:
    """The last run's input and output of the selected node, for the inspector."""
    step = EditorRunState.step
    head = ui.row(
        ui.status_badge(step.status), ui.muted(step.duration), rx.cond(step.tokens != "0", ui.muted(step.tokens, " tokens")), gap=2
    )
    error = rx.cond(step.error != "", ui.callout(step.error, tone="red", title=step.error_code))
    text = rx.cond(EditorRunState.live_text != "", rx.el.div(EditorRunState.live_text, class_name="af-live-text"))
    output = rx.cond(step.has_output, _value("Output", step.output))
    filled = ui.stack(head, error, text, output, _value("Input", step.inputs), gap=3)
    empty = ui.empty_state(
        "No values yet", "Run the workflow to see what goes in and out of this node.", icon="play", compact=True, framed=False
    )
    return rx.cond(step.key != "", filled, empty)


def _value(title: str, value: rx.Var) -> rx.Component:
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), ui.json_view(value, open_to=2, max_height="300px"))
