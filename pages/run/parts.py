"""Parts of the run page: head, what it waits for, the step list and the chosen step."""

from typing import Any

import reflex as rx

from components import ui
from pages.approvals.parts import decision_card
from pages.run.state import RunState

_state: Any = RunState  # its attributes are Vars, which the type of the class does not say


def head() -> rx.Component:
    """Title, status, figures and what one can do."""
    run = _state.run
    is_active = (run.status == "queued") | (run.status == "running") | (run.status == "waiting")
    actions = rx.fragment(
        rx.cond(is_active, ui.button("Stop", icon="square", on_click=_state.cancel)),
        ui.button("Run again", icon="rotate_cw", on_click=_state.run_again),
    )
    back = ui.link(rx.icon("arrow_left", size=14), "Runs", href="/runs", class_name="af-link af-small af-row")
    figures = ui.row(
        ui.status_badge(run.status, id="run-status"),
        ui.muted(run.started, title=run.started_at),
        rx.cond(run.duration != "", ui.muted(run.duration)),
        rx.cond(run.tokens != "0", ui.muted(run.tokens, " tokens")),
        ui.muted(run.cost),
        rx.cond(run.by != "", ui.muted("by ", run.by)),
        wrap=True,
        gap=3,
    )
    return rx.el.div(ui.page_header(run.title, before=back, actions=(actions,)), figures, class_name="af-run-head")


def notices() -> rx.Component:
    """Why the run waits or failed, and the decisions it asks for."""
    run = _state.run
    waits = rx.cond(_state.is_asking, rx.fragment(), ui.callout(run.note, tone="amber", icon="hourglass"))
    decisions = rx.foreach(_state.approvals, lambda item: rx.cond(item.status == "pending", decision_card(item, show_run=False)))
    return ui.stack(
        rx.cond(run.note != "", rx.cond(run.status == "failed", _failed(), waits)),
        rx.el.div(decisions, class_name="af-stack af-reading-width"),
        gap=3,
    )


def _failed() -> rx.Component:
    return ui.callout(_state.run.note, tone="red", title="This run failed")


def step_list() -> rx.Component:
    """Every step in the order it began."""
    items = rx.foreach(_state.steps, _step_line)
    return rx.cond(
        _state.steps.length() > 0,
        rx.el.ol(items, class_name="af-steps", aria_label="Steps"),
        ui.empty_state("No step yet", "Steps appear here as soon as a worker takes the run.", icon="clock", compact=True),
    )


def _step_line(item: Any) -> rx.Component:
    is_chosen = _state.step.key == item.key
    names = ui.row(rx.el.span(item.label, class_name="af-step-name"), rx.cond(item.is_nested, ui.muted(item.part)), gap=2)
    error = rx.cond(item.error != "", rx.el.span(item.error, class_name="af-step-error"))
    line = rx.el.button(
        rx.el.span(class_name=f"af-dot af-dot-{item.status}", aria_hidden="true"),
        rx.el.span(names, ui.muted(item.figures), error, class_name="af-step-text"),
        ui.muted(item.status),
        type="button",
        aria_current=rx.cond(is_chosen, "step", "false"),
        on_click=_state.choose(item.key),
        class_name="af-step",
    )
    return rx.el.li(line, key=item.key, custom_attrs={"data-node": item.node, "data-status": item.status})


def step_panel() -> rx.Component:
    """The chosen step: status, error, output and input."""
    step = _state.step
    title = ui.row(rx.el.h2(step.label), ui.status_badge(step.status), ui.spacer(), ui.muted(step.duration), gap=2)
    facts = ui.row(
        ui.muted(step.started),
        rx.cond(step.port != "", ui.muted("left by ", step.port)),
        rx.cond(step.attempt > 1, ui.muted(f"attempt {step.attempt}")),
        rx.cond(step.tokens != "0", ui.muted(step.tokens, " tokens · ", step.cost)),
        wrap=True,
    )
    error = rx.cond(step.error != "", ui.callout(step.error, tone="red", title=step.error_code))
    streaming = rx.cond(
        (step.status == "running") & (_state.live_text != ""),
        rx.el.section(rx.el.h3("Writing now"), rx.el.div(_state.live_text, class_name="af-live-text", aria_live="polite")),
    )
    output = rx.cond(step.has_output, _value("Output", step.output))
    talk = rx.cond(step.transcript.length() > 0, _transcript(step.transcript))
    filled = ui.stack(title, facts, error, talk, streaming, output, _value("Input", step.inputs), gap=3)
    empty = ui.empty_state("Choose a step", "Its input, output and figures appear here.", icon="mouse_pointer_click", compact=True)
    return ui.card(rx.cond(step.key != "", filled, empty), id="step-panel")


def _transcript(said: Any) -> rx.Component:
    """What the agents told one another, in order."""
    return rx.el.section(
        rx.el.h3("Conversation", class_name="af-value-title"),
        rx.el.ol(rx.foreach(said, _said), class_name="af-talk", aria_label="What the agents told one another"),
    )


def _said(item: Any) -> rx.Component:
    names = ui.row(
        rx.el.strong(item.sender),
        rx.icon("arrow_right", size=12, aria_label="to"),
        rx.el.span(item.receiver),
        gap=1,
        class_name="af-talk-names",
    )
    look = rx.cond(item.is_person, "af-said af-said-task", rx.cond(item.is_answer, "af-said af-said-answer", "af-said"))
    return rx.el.li(names, rx.el.div(item.text, class_name="af-talk-text"), class_name=look)


def _value(title: str, value: Any) -> rx.Component:
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), ui.json_view(value, open_to=2, max_height="360px"))


def run_values() -> rx.Component:
    """What the run was given and what it answered."""
    output = rx.cond(_state.run.status == "succeeded", _value("Result", _state.values["output"]))
    return ui.card(ui.stack(output, _value("Given", _state.values["inputs"]), gap=3), id="run-values")
