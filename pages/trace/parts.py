"""The chosen attempt beside the waterfall: values, prompts, tool calls, and going on from there with other values."""

from typing import Any

import reflex as rx

from components import ui
from pages.run.fork_state import ForkState
from pages.run.parts import used_settings
from pages.run.state import RunState
from pages.trace.state import TraceState

_state: Any = TraceState  # its attributes are Vars, which the type of the class does not say
_run: Any = RunState
_fork: Any = ForkState


def attempt_panel() -> rx.Component:
    """Everything the journal says of one attempt."""
    one = _state.attempt
    title = ui.row(rx.el.h2(one.label), ui.status_badge(one.status), ui.spacer(), ui.muted(one.duration), gap=2)
    facts = ui.row(
        rx.cond(one.part != "", ui.muted(one.part)),
        rx.cond(one.attempt > 1, ui.muted(f"attempt {one.attempt}")),
        rx.cond(one.source != "", ui.muted(one.source)),
        rx.cond(one.figures != "", ui.muted(one.figures)),
        wrap=True,
    )
    error = rx.cond(one.error != "", ui.callout(rx.el.div(one.error), tone="red", title="It failed"))
    calls = rx.cond(
        one.calls.length() > 0,
        rx.el.section(rx.el.h3("Calls", class_name="af-value-title"), rx.foreach(one.calls, _call), _hidden(one)),
    )
    printed = rx.cond(one.printed != "", _value("Printed", one.printed))
    output = rx.cond(one.has_output, _value("Output", one.output))
    inputs = rx.cond(one.has_inputs, used_settings(one.inputs, labels=one.input_names, code=one.code_names))
    whole = ui.stack(title, facts, error, output, inputs, printed, calls, rx.cond(_run.facts.can_run, _actions(one)), gap=3)
    empty = ui.empty_state(
        "Choose a row", "Its values, prompts and tool calls appear here.", icon="mouse_pointer_click", compact=True, framed=False
    )
    filled = rx.cond(one.call.key != "", _chosen_call(one), whole)
    return rx.el.div(rx.cond(one.key != "", filled, empty), id="attempt-panel", class_name="af-trace-side")


def _chosen_call(one: Any) -> rx.Component:
    """The one call whose row was chosen, open, with the way to the step around it."""
    call = one.call
    title = ui.row(rx.el.h2(call.name), ui.status_badge(call.status), ui.spacer(), ui.muted(call.duration), gap=2)
    step = ui.button(
        one.label, icon="arrow_left", size="sm", variant="ghost", custom_attrs={"data-whole-step": ""}, title="Show the whole step"
    )
    facts = ui.row(
        rx.cond(call.is_model, ui.badge("Model", tone="blue"), ui.badge("Tool", tone="amber")),
        rx.cond(call.figures != "", ui.muted(call.figures)),
        rx.cond(one.part != "", ui.muted(one.part)),
        ui.muted("attempt ", one.attempt),
        wrap=True,
    )
    values = rx.cond(call.is_model, _model(call), _tool(call))
    return ui.stack(ui.row(step, class_name="af-call-step"), title, facts, values, gap=3, id="chosen-call")


def _hidden(one: Any) -> rx.Component:
    return rx.cond(one.hidden_calls > 0, ui.muted(one.hidden_calls, " more calls are not shown."))


def _call(item: Any) -> rx.Component:
    kind = rx.cond(item.is_model, ui.badge("Model", tone="blue"), ui.badge("Tool", tone="amber"))
    head = rx.el.summary(kind, rx.el.strong(item.name), ui.muted(item.duration), rx.cond(item.figures != "", ui.muted(item.figures)))
    return rx.el.details(head, rx.cond(item.is_model, _model(item), _tool(item)), class_name="af-call", key=item.key)


def _model(item: Any) -> rx.Component:
    return ui.stack(
        rx.cond(item.tools != "", ui.muted("Tools offered: ", item.tools)),
        rx.foreach(item.messages, lambda message: _message(message.role, message.text)),
        rx.cond(item.left_out != "", ui.muted(item.left_out)),
        rx.cond(item.error != "", ui.callout(rx.el.div(item.error), tone="red", title="It failed")),
        rx.cond((item.answer != "") | (item.error == ""), _message(item.answer_title, item.answer)),
        gap=2,
    )


def _message(role: Any, text: Any) -> rx.Component:
    return rx.el.div(rx.el.div(role, class_name="af-value-title"), rx.el.div(text, class_name="af-message-text"), class_name="af-message")


def _tool(item: Any) -> rx.Component:
    result = rx.cond(item.error != "", ui.callout(rx.el.div(item.error), tone="red"), _value("Result", item.result))
    return ui.stack(_value("Arguments", item.arguments), result, gap=2)


def _actions(one: Any) -> rx.Component:
    again = ui.button("Run again from here", icon="step_forward", size="sm", on_click=_fork.ask("from", one.key))
    output = ui.button("Change the output and go on", icon="pencil", size="sm", on_click=_fork.ask("output", one.key))
    inputs = ui.button("Change the settings and go on", icon="pencil", size="sm", on_click=_fork.ask("inputs", one.key))
    start = ui.button("Change what was given", icon="pencil", size="sm", on_click=_fork.ask("given", ""))
    changes = rx.cond(one.is_start, start, rx.fragment(output, rx.cond(one.has_inputs, inputs)))
    return rx.cond(one.can_fork, ui.row(again, changes, wrap=True))


def _value(title: str, value: Any) -> rx.Component:
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), ui.value_view(value, label=title, max_height="320px"))
