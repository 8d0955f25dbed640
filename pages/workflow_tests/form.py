"""The form of one test."""

from typing import Any

import reflex as rx

from components import ui
from components.forms import bare_input, bare_select
from components.forms.answers import answer_input
from pages.workflow_tests.form_state import TestFormState
from pages.workflow_tests.present import ENDINGS, RULES, ApprovalItem, CheckItem, Choice

_state: Any = TestFormState  # its attributes are Vars, which the type of the class does not say


def test_form() -> rx.Component:
    """The dialog."""
    return ui.dialog(
        rx.cond(_state.is_old, "Edit the test", "New test"),
        rx.el.div(
            _name(), _inputs(), _people(), _ending(), _checks(), _stand_ins(), _refusal(), key=_state.revision, class_name="af-test-form"
        ),
        open=_state.is_open,
        on_open_change=_state.set_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Save test", variant="primary", on_click=_state.save, id="save-test"),
        ),
        width="640px",
    )


def _name() -> rx.Component:
    control = bare_input(
        label="Name of the test",
        value=_state.name,
        on_change=lambda text: _state.set_part("name", text),
        small=False,
        id="field-test-name",
        placeholder="A double charge waits for a person",
        auto_focus=True,
    )
    return ui.field("Name", control, name="test-name", error=_state.errors["name"], required=True)


def _part(title: str, help: str, *children: rx.Component) -> rx.Component:
    return rx.el.fieldset(rx.el.legend(title), rx.el.p(help, class_name="af-help"), *children, class_name="af-test-part")


def _inputs() -> rx.Component:
    def question(field: Any) -> rx.Component:
        return answer_input(field, prefix="test", on_answer=_state.answer, error=_state.errors[f"inputs.{field.name}"])

    part = _part("What goes in", "The inputs of the run.", rx.foreach(_state.fields, question))
    return rx.cond(_state.fields.length() > 0, part, rx.fragment())


def _people() -> rx.Component:
    def approval(item: rx.vars.ObjectVar[ApprovalItem]) -> rx.Component:
        def button(one: rx.vars.ObjectVar[Choice]) -> rx.Component:
            return rx.el.option(one.label, value=one.id)

        control = bare_select(
            rx.el.option("Nobody answers", value=""),
            rx.foreach(item.buttons, button),
            label=f"Answer at {item.label}",
            value=item.chosen,
            on_change=lambda chosen: _state.press(item.id, chosen),
        )
        return rx.el.label(rx.el.span(item.label), control, class_name="af-test-approval", key=item.id)

    part = _part("What people answer", "The button that is pressed at each approval.", rx.foreach(_state.approvals, approval))
    return rx.cond(_state.approvals.length() > 0, part, rx.fragment())


def _ending() -> rx.Component:
    control = bare_select(
        *ui.options(ENDINGS),
        label="How the run ends",
        value=_state.ends,
        on_change=lambda chosen: _state.set_part("ends", chosen),
        id="field-ends",
    )
    return ui.field("How it must end", control, name="ends", error=_state.errors["ends"])


def _checks() -> rx.Component:
    def row(item: rx.vars.ObjectVar[CheckItem]) -> rx.Component:
        def cell(part: str) -> Any:
            return lambda text: _state.set_check(item.uid, part, text)

        has_value = (item.rule != "present") & (item.rule != "absent")
        value = bare_input(label="Value", value=item.text, on_change=cell("text"), placeholder="refund", multiline=True, rows=1)
        cells = rx.el.div(
            bare_input(label="Part of the result", value=item.at, on_change=cell("at"), placeholder="the whole result"),
            bare_select(*ui.options(RULES), label="Rule", value=item.rule, on_change=cell("rule"), small=True),
            rx.cond(has_value, value, rx.el.span(class_name="af-muted")),
            ui.icon_button("x", label="Remove this expectation", size="sm", on_click=_state.drop_check(item.uid)),
            class_name="af-check-row",
        )
        problem = rx.cond(item.problem != "", rx.el.div(item.problem, class_name="af-error", role="alert"), rx.fragment())
        return rx.el.div(cells, problem, key=item.uid)

    add = ui.button("Add an expectation", icon="plus", size="sm", on_click=_state.add_check)
    help = "Which part of the result, such as reply or rows[0].mood; left empty, the whole. No model judges it."
    part = _part("What must come out", help, rx.foreach(_state.checks, row), rx.el.div(add))
    return rx.cond(_state.ends == "succeeded", part, rx.fragment())


def _stand_ins() -> rx.Component:
    control = bare_input(
        label="Stand-ins",
        value=_state.stubs,
        on_change=lambda text: _state.set_part("stubs", text),
        multiline=True,
        rows=4,
        small=False,
        placeholder='{"lookup": {"output": {"status": 200, "json": {}}}}',
        id="field-stubs",
    )
    help = "Outputs that are used instead of running a step, by the step's id, so that a test calls no other system."
    field = ui.field("Stand-ins for steps", control, name="stubs", help=help, error=_state.errors["stubs"], hint="optional, JSON")
    return rx.el.details(rx.el.summary("Stand-ins"), field, class_name="af-test-more", open=_state.stubs != "")


def _refusal() -> rx.Component:
    words = _state.errors["test"]
    return rx.cond(words, ui.callout(words, tone="red"), rx.fragment())
