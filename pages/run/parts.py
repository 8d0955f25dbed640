"""Parts of the run page: what it waits for, what it was given and gave, the step list and the chosen step."""

from typing import Any

import reflex as rx

from components import ui
from pages.approvals.parts import decision_card
from pages.run.fork_state import ForkState
from pages.run.signal_parts import signal_cards
from pages.run.state import RunState
from pages.runs.parts import run_note

_state: Any = RunState  # its attributes are Vars, which the type of the class does not say
_fork: Any = ForkState


def notices() -> rx.Component:
    """Why the run waits or failed, and the decisions it asks for."""
    run = _state.run
    waits = rx.cond(_state.is_asking, rx.fragment(), ui.callout(rx.el.span(run_note(run)), tone="amber", icon="hourglass"))
    decisions = rx.foreach(_state.approvals, lambda item: rx.cond(item.status == "pending", decision_card(item, show_run=False)))
    words = rx.cond(run.note != "", rx.cond(run.status == "failed", _failed(), waits))
    asking = rx.cond(_state.is_asking, rx.el.div(decisions, class_name="af-stack"))
    return rx.cond((run.note != "") | _state.is_asking, ui.stack(words, asking, signal_cards(), gap=3))


def _failed() -> rx.Component:
    again = ui.button("Try again from there", icon="rotate_cw", size="sm", on_click=_fork.ask("failed", ""), id="retry-failed")
    return ui.callout(
        ui.stack(rx.el.span(_state.run.note), rx.cond(_state.facts.can_run, ui.row(again)), gap=2), tone="red", title="This run failed"
    )


def run_values() -> rx.Component:
    """What the run was given and what it answered; first on the page and nowhere else."""
    given = _card("Given", _state.values["inputs"], labels=_state.values["labels"])
    result = rx.cond(_state.run.status == "succeeded", _card("Result", _state.values["output"], is_answer=True))
    return rx.el.div(given, result, class_name="af-run-values", id="run-values")


def _card(title: str, value: Any, *, labels: Any = None, is_answer: bool = False) -> rx.Component:
    view = ui.value_view(value, label=title, labels=labels, max_height="420px", is_answer=is_answer)
    return ui.card(rx.el.section(rx.el.h2(title, class_name="af-value-head"), view), class_name="af-value-card")


def step_list() -> rx.Component:
    """Every step in the order it began."""
    items = rx.foreach(_state.steps, _step_line)
    link = ui.link("trace", href=f"/runs/{_state.run.id}/trace", class_name="af-link")
    more = rx.cond(_state.facts.hidden_steps > 0, ui.muted(_state.facts.hidden_steps, " more; the ", link, " shows them all."))
    return rx.cond(
        _state.steps.length() > 0,
        rx.fragment(rx.el.ol(items, class_name="af-steps", aria_label="Steps"), more),
        ui.empty_state("No step yet", "Steps appear here as soon as a worker takes the run.", icon="clock", compact=True),
    )


def _step_line(item: Any) -> rx.Component:
    is_chosen = _state.step.key == item.key
    names = ui.row(rx.el.span(item.label, class_name="af-step-name"), rx.cond(item.is_nested, ui.muted(item.part)), gap=2)
    error = rx.cond(item.error != "", rx.el.span(item.error, class_name="af-step-error"))
    line = rx.el.button(
        rx.el.span(class_name=f"af-dot af-dot-{item.status}", aria_hidden="true"),
        rx.el.span(names, ui.muted(item.figures), error, class_name="af-step-text"),
        ui.muted(rx.cond(item.source != "", item.source, item.status)),
        type="button",
        aria_current=rx.cond(is_chosen, "step", "false"),
        on_click=_state.choose_in_list(item.key),
        class_name="af-step",
    )
    return rx.el.li(line, key=item.key, custom_attrs={"data-node": item.node, "data-status": item.status})


def step_panel() -> rx.Component:
    """The chosen step: status, error, output and input, and what one can do from there."""
    step = _state.step
    title = ui.row(
        rx.el.h2(step.label),
        ui.status_badge(step.status),
        ui.spacer(),
        ui.muted(step_time(step)),
        gap=2,
    )
    facts = ui.row(
        ui.muted(step.started),
        rx.cond(step.source != "", ui.muted(step.source)),
        rx.cond(step.way != "", ui.muted("went on to ", rx.el.strong(step.way))),
        rx.cond(step.attempt > 1, ui.muted(f"attempt {step.attempt}")),
        rx.cond(step.tokens != "0", ui.muted(step.tokens, " tokens · ", step.cost)),
        wrap=True,
    )
    error = rx.cond(step.error != "", ui.callout(rx.el.div(step.error), tone="red", title=step.error_title))
    streaming = rx.cond(
        (step.status == "running") & (_state.live_text != ""),
        rx.el.section(rx.el.h3("Writing now"), rx.el.div(_state.live_text, class_name="af-live-text", aria_live="polite")),
    )
    output = rx.cond(step.has_output, _value("Output", step.output))
    talk = rx.cond(step.transcript.length() > 0, _transcript(step.transcript))
    inputs = rx.cond(step.has_inputs, used_settings(step.inputs, labels=step.input_names, code=step.code_names))
    onward = rx.cond(_state.facts.can_run, _from_here(step))
    filled = ui.stack(title, facts, error, _child(step.child), talk, streaming, broken_off(step), output, inputs, onward, gap=3)
    empty = ui.empty_state("Choose a step", "Its output, settings and figures appear here.", icon="mouse_pointer_click", compact=True)
    return ui.card(rx.cond(step.key != "", filled, empty), id="step-panel")


def _child(child: Any) -> rx.Component:
    """The run that the step started."""
    line = ui.row(
        rx.icon("workflow", size=14, aria_hidden="true"),
        rx.el.span("Runs ", ui.link(child.title, href=child.href, class_name="af-link", id="child-run"), " as a run of its own"),
        ui.status_badge(child.status),
        rx.cond(child.figures != "", ui.muted(child.figures)),
        wrap=True,
        gap=2,
    )
    return rx.cond(child.href != "", line)


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
    return rx.el.li(names, rx.el.div(ui.markdown(item.text), class_name="af-talk-text"), class_name=look)


def _from_here(step: Any) -> rx.Component:
    again = ui.button("Run again from here", icon="step_forward", size="sm", on_click=_fork.ask("from", step.key))
    result = ui.button("Change the output and go on", icon="pencil", size="sm", on_click=_fork.ask("output", step.key))
    settings = ui.button("Change the settings and go on", icon="pencil", size="sm", on_click=_fork.ask("inputs", step.key))
    return rx.cond(
        step.can_fork,
        ui.row(again, rx.cond(step.is_start, rx.fragment(), rx.fragment(result, rx.cond(step.has_inputs, settings))), wrap=True),
    )


def step_time(step: Any) -> rx.Component:
    """How long a step worked and waited; either counts on by itself while it goes on. Also shown by the editor."""
    works = ui.elapsed(step.duration, ms=step.so_far_ms, is_running=step.status == "running")
    waits = rx.fragment(ui.elapsed("", ms=step.waited_ms, is_running=step.status == "waiting"), " waiting")
    return rx.cond((step.status == "waiting") & (step.waited_ms > 0), waits, works)


def broken_off(step: Any) -> rx.Component:
    """What was written before the end came; also shown by the editor."""
    title = rx.cond(step.status == "cancelled", "Written before it was stopped", "Written before it failed")
    words = rx.el.section(rx.el.h3(title, class_name="af-value-title"), rx.el.div(step.written, class_name="af-live-text", tab_index=0))
    return rx.cond(step.written != "", words)


def used_settings(value: Any, *, labels: Any, code: Any) -> rx.Component:
    """What a step ran with: its settings, with the values of this run in place of the references."""
    help_text = ui.muted("with the values of this run in place of references", class_name="af-small")
    head = ui.row(rx.el.h3("Settings as it ran", class_name="af-value-title"), help_text, gap=2, wrap=True, class_name="af-baseline")
    return rx.el.section(
        head, ui.value_view(value, label="Settings as it ran", labels=labels, code=code, max_height="360px"), class_name="af-used-settings"
    )


def _value(title: str, value: Any, *, labels: Any = None) -> rx.Component:
    view = ui.value_view(value, label=title, labels=labels, max_height="360px", is_answer=True)
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), view)
