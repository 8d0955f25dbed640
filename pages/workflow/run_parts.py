"""The editor's running parts: Run button, input form, the strip that tells how the run is doing, and a node's values."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, editor_var
from components.canvas.chrome import Doc
from components.canvas.dock import Inspected, step_entries
from components.canvas.doubts import doubt_list, run_word
from components.forms.answers import answer_input
from pages.approvals.parts import decision_card
from pages.run.parts import broken_off, step_time, used_settings
from pages.runs.parts import run_note, run_time, run_wait
from pages.workflow.lately_state import LatelyState
from pages.workflow.run_state import EditorRunState
from pages.workflow.start_state import StartState
from pages.workflow.trial_state import TrialState

_state: Any = EditorRunState  # its attributes are Vars, which the type of the class does not say
_start: Any = StartState
_trial: Any = TrialState


def run_button() -> rx.Component:
    """Run with its other ways, or Stop while a run is on."""
    run = _state.run
    is_active = (run.status == "queued") | (run.status == "running") | (run.status == "waiting")
    stop = ui.button("Stop", icon="square", variant="danger", on_click=_state.cancel, id="stop-run")
    return rx.cond(is_active, stop, ways_to_run())


@rx.memo
def ways_to_run() -> rx.Component:
    """Each saves first what is still unsaved; whom the workflow is shown to without the right to run it cannot press them."""
    doc = editor_var("doc", Doc)
    may_not = (doc.id != "") & ~doc.canRun
    start = ui.button(
        "Run",
        icon="play",
        variant="primary",
        on_click=[act("save"), _start.open_form],
        loading=_start.is_starting,
        disabled=may_not,
        title=rx.cond(may_not, "You may look at this workflow, not run it.", ""),
        id="run-workflow",
    )
    chosen = editor_var("inspected", Inspected)
    of_step = rx.fragment(ui.menu_separator(), ui.menu_label(chosen.label), step_entries())
    ways = ui.menu(
        ui.icon_button("chevron_down", label="More ways to run", variant="primary", disabled=may_not, tip=False, id="run-more"),
        ui.menu_item("Dry run…", icon="flask_conical", on_click=[act("save"), _start.open_dry], id="run-dry"),
        rx.cond(chosen & ~chosen.kind.isDrawing, of_step),
        align="end",
        on_open_change=act("stepEntries"),
    )
    return ui.row(start, ways, gap=1)


def run_form() -> rx.Component:
    """What the run needs to know, made from the start node's fields, and whether it stays dry."""
    wish = _start.wish
    return ui.dialog(
        wish.title,
        ui.stack(
            _starting_points(),
            ui.stack(rx.foreach(_start.fields, _question), gap=4, key=_start.form_version.to_string()),
            *_manner(wish),
            gap=4,
        ),
        description="The steps work with what you fill in here.",
        open=_start.form_open,
        on_open_change=_start.set_form_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button(
                rx.cond(wish.is_dry, "Run dry", "Run"),
                icon="play",
                variant="primary",
                on_click=_start.start,
                loading=_start.is_starting,
                id="start-run",
            ),
        ),
        width="560px",
    )


def run_doubts(*, before: ui.Event) -> rx.Component:
    """Tells what a run begun here is sure to meet, before it is begun."""
    return ui.dialog(
        "Run it like this?",
        doubt_list(),
        description="Steps that could not do their work yet, and what mends them.",
        open=_start.is_asking,
        on_open_change=_start.set_asking,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button(run_word(), icon="play", variant="primary", on_click=[before, _start.go_on], id="run-anyway"),
        ),
        width="520px",
    )


def _manner(wish: Any) -> tuple[rx.Component, ...]:
    """How it runs: dry or not, by whose models, and that pinned outputs are used."""
    dry = ui.switch(
        "Dry run",
        name="dry-run",
        checked=wish.is_dry,
        on_change=_start.set_dry,
        help="Nothing is changed outside: steps that send or write are not called, nobody is asked, nothing is waited for.",
    )
    demo = ui.switch(
        "Let the demo model answer",
        name="demo-models",
        checked=wish.is_demo,
        on_change=_start.set_demo,
        help="Costs nothing. Otherwise the models of the steps are called and paid for, also in a dry run.",
    )
    pins = rx.cond(
        _state.pins.length() > 0,
        ui.callout("Steps with a pinned output are not run: their pinned output is used. Runs started by others never do so.", icon="pin"),
    )
    return dry, rx.cond(wish.is_dry, demo), pins


def _starting_points() -> rx.Component:
    """The last input stands there already; the examples may be taken over."""
    example = ui.button("Use the example", icon="clipboard_paste", size="sm", variant="ghost", on_click=_start.fill_in("example"))
    empty = ui.button("Empty the fields", icon="eraser", size="sm", variant="ghost", on_click=_start.fill_in(""))
    return rx.cond(_start.fields.length() > 0, ui.row(rx.cond(_start.has_example, example), rx.cond(_start.has_text, empty), gap=2))


def _question(field: Any, index: Any) -> rx.Component:
    return answer_input(field, prefix="run", on_answer=_start.answer, error=_start.errors[field.name], auto_focus=index == 0)


def pin_dialog() -> rx.Component:
    """Write the output that test runs shall use instead of running a step."""
    plain = ui.checkbox("It is a text, not JSON", name="pin-plain", checked=_trial.pin_draft.is_plain, on_change=_trial.set_pin_plain)
    value = ui.text_area(
        "Output",
        name="pin-output",
        value=_trial.pin_text,
        on_change=_trial.set_pin_text,
        error=_trial.pin_error,
        help="What the step would give. It is checked against what the step can give.",
        rows=10,
        spell_check=False,
    )
    return ui.dialog(
        "Pinned output",
        ui.stack(value, plain, gap=3),
        description="Test runs from the editor use it instead of running the step. Published, scheduled and API runs never do.",
        open=_trial.pin_open,
        on_open_change=_trial.set_pin_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Pin", icon="pin", variant="primary", on_click=_trial.save_pin, id="save-pin"),
        ),
        width="560px",
    )


def run_strip() -> rx.Component:
    """How the run is doing: status, figures, why it waits, the way to its page, its decisions and its result."""
    run = _state.run
    line = ui.row(
        ui.status_badge(run.status, id="editor-run-status"),
        rx.cond(run.is_dry, ui.badge("Dry run", tone="amber", icon="flask_conical", title="Nothing was changed outside")),
        rx.cond(_state.output["pinned"], ui.badge(_state.output["pinned"], tone="blue", icon="pin")),
        rx.cond(
            _state.failed_at["id"] != "",
            rx.el.button(
                "at ", _state.failed_at["label"], type="button", on_click=act("show", _state.failed_at["id"]), class_name="af-link af-small"
            ),
        ),
        rx.cond(run.note != "", rx.el.span(run_note(run), class_name="af-run-note", title=run.note)),
        ui.spacer(),
        rx.cond(run.duration != "", ui.muted(run_time(run), title="Time at work")),
        rx.cond((run.waited != "") | (run.status == "waiting"), ui.muted(run_wait(run), " waiting", class_name="af-hide-narrow")),
        rx.cond(run.tokens != "0", ui.muted(run.tokens, " tokens", class_name="af-hide-narrow")),
        ui.muted(run.cost),
        ui.link("Open run", href=run.href, class_name="af-link af-small"),
        ui.icon_button("x", label="Clear the run from the canvas", size="sm", on_click=[_state.forget, LatelyState.close]),
        wrap=True,
        gap=3,
    )
    waiting = rx.foreach(_state.approvals, lambda item: rx.cond(item.status == "pending", decision_card(item, show_run=False)))
    result = rx.cond(
        run.status == "succeeded",
        rx.el.details(
            rx.el.summary("Result"),
            ui.value_view(_state.output["value"], label="Result", max_height="220px", is_answer=True),
            open=True,
            class_name="af-run-result",
        ),
    )
    return rx.cond(run.id != "", rx.el.section(line, waiting, result, class_name="af-run-strip", aria_label="Run"))


def node_values() -> rx.Component:
    """The last run's input and output of the selected node, for the inspector."""
    step = _state.step
    head = ui.row(
        ui.status_badge(step.status),
        ui.muted(step_time(step)),
        rx.cond(step.tokens != "0", ui.muted(step.tokens, " tokens")),
        gap=2,
    )
    error = rx.cond(step.error != "", ui.callout(rx.el.div(step.error), tone="red", title=step.error_title))
    text = rx.cond(_state.live_text != "", rx.el.div(_state.live_text, class_name="af-live-text"))
    output = rx.cond(step.has_output, _value("Output", step.output))
    inputs = rx.cond(step.has_inputs, used_settings(step.inputs, labels=step.input_names, code=step.code_names))
    link = ui.link("all of them", href=_state.run.href, class_name="af-link")
    part = rx.cond(_state.entry != "", ui.muted("Of ", _state.entry, ". The page of the run has ", link, "."))
    filled = ui.stack(head, part, error, text, broken_off(step), output, inputs, gap=3)
    empty = ui.empty_state(
        "No values yet", "Run the workflow to see what goes in and out of this node.", icon="play", compact=True, framed=False
    )
    return rx.cond(step.key != "", filled, empty)


def _value(title: str, value: Any, *, labels: Any = None) -> rx.Component:
    view = ui.value_view(value, label=title, labels=labels, max_height="300px", is_answer=True)
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), view)
