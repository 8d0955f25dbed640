"""The form of an agent, section by section; every field says what it is for."""

from typing import Any

import reflex as rx

from app.services.agents.options import TOOLS
from components import ui
from components.forms import (
    ModelPicker,
    draft_field,
    model_picker,
    number_field,
    schema_builder,
    slider_field,
    template_field,
    tool_toggles,
)
from components.forms.budget_fields import budget_fields
from pages.agent.budget_state import CAPS, AgentBudgetState
from pages.agent.form_state import AgentFormState
from pages.agent.model_state import AgentModelState
from pages.agent.schema_state import AgentSchemaState
from pages.agent.values_state import AgentValuesState

_HEAT = ((0.15, "Precise: nearly the same answer every time"), (0.5, "Focused: small variations"), (1.0, "Balanced: natural variety"),
         (1.5, "Creative: surprising wording, less reliable"), (2.0, "Wild: often strays from the point"))  # fmt: skip
_locked = rx.cond(AgentFormState.agent.can_edit, False, True)


def _problem(field: str) -> rx.Var[Any]:
    return AgentFormState.problems.get(field, "")  # type: ignore[no-any-return]


def _set(field: str) -> Any:
    return lambda value: AgentFormState.set_field(field, value)


def agent_form() -> rx.Component:
    """All sections."""
    return rx.el.div(_identity(), _instructions(), _model(), _tools(), _output(), _limits(), _budget(), class_name="af-agent-form")


def _identity() -> rx.Component:
    draft = AgentFormState.draft
    return _section(
        draft_field(
            "Name",
            name="name",
            value=draft.name,
            on_change=_set("name"),
            error=_problem("name"),
            help="What people and other agents call it. Workflows keep working when it is renamed.",
            placeholder="Support triage",
            max_length=80,
            disabled=_locked,
            required=True,
        ),
        draft_field(
            "Role",
            name="role",
            value=draft.role,
            on_change=_set("role"),
            error=_problem("role"),
            help="One line that says what the agent is. It is the first thing the model is told.",
            placeholder="Sorts customer messages and drafts replies",
            max_length=200,
            disabled=_locked,
        ),
    )


def _instructions() -> rx.Component:
    return _section(
        template_field(
            "Instructions",
            name="instructions",
            value=AgentFormState.draft.instructions,
            on_change=_set("instructions"),
            variables=AgentFormState.variables,
            revision=AgentFormState.revision,
            error=_problem("instructions"),
            spots=[AgentFormState.place],
            help="How the agent works and what it must never do. Type / or {{ to insert a variable that each run fills in.",
            min_rows=9,
            max_rows=26,
            placeholder="You sort incoming customer messages.\n\n1. Read the message.\n2. …",
            disabled=_locked,
        ),
        rx.cond(AgentValuesState.hint != "", ui.callout(AgentValuesState.hint, tone="amber")),
    )


def _model() -> rx.Component:
    picker = ModelPicker(
        groups=AgentModelState.groups,
        chosen=AgentModelState.chosen,
        search=AgentModelState.search,
        on_search=AgentModelState.set_search,
        is_open=AgentModelState.purpose != "",
        on_open_change=AgentModelState.open_for,
        on_pick=AgentModelState.pick,
    )
    return _section(
        model_picker(picker, help="Which model thinks for this agent.", error=_problem("model"), disabled=_locked),
        slider_field(
            "Temperature",
            name="temperature",
            value=AgentFormState.draft.temperature,
            on_change=_set("temperature"),
            low=0,
            high=2,
            step=0.05,
            words=_HEAT,
            error=_problem("temperature"),
            disabled=_locked,
        ),
        _fallbacks(),
        title="Model",
    )


def _fallbacks() -> rx.Component:
    def chip(model: rx.vars.StringVar[str]) -> rx.Component:
        cross = rx.el.button(
            rx.icon("x", size=12, aria_hidden="true"),
            type="button",
            aria_label=f"Remove fallback {model}",
            on_click=AgentFormState.remove_fallback(model),
            disabled=_locked,
        )
        return rx.el.span(
            rx.cond(AgentModelState.labels[model] != "", AgentModelState.labels[model], model), cross, class_name="af-tag", key=model
        )

    add = ui.button("Add fallback", icon="plus", size="sm", variant="ghost", on_click=AgentModelState.open_for_fallback, disabled=_locked)
    chips = ui.row(rx.foreach(AgentFormState.draft.fallback_models, chip), add, wrap=True, id="field-fallbacks")
    return ui.field(
        "Fallback models",
        chips,
        name="fallbacks",
        help="Tried in this order when the model above is overloaded or does not answer.",
        error=_problem("fallback_models"),
    )


def _tools() -> rx.Component:
    options = rx.Var.create(list(TOOLS))
    return _section(
        tool_toggles(
            options,  # type: ignore[arg-type] - a literal list is as good as a Var of one
            chosen=AgentFormState.draft.tools,  # type: ignore[arg-type]
            on_toggle=AgentFormState.toggle_tool,
            error=_problem("tools"),
            disabled=_locked,
        ),
        title="Tools",
        help="What the agent may do besides talking. It decides itself when a tool helps.",
    )


def _output() -> rx.Component:
    switch = ui.switch(
        "Structured output",
        name="structured",
        checked=AgentSchemaState.is_on,
        on_change=AgentSchemaState.toggle,
        help="The answer is an object with exactly these fields, so that later steps can use each of them.",
        disabled=_locked,
    )
    builder = schema_builder(
        AgentSchemaState.rows,
        on_edit=AgentSchemaState.edit,
        view=AgentSchemaState.view,
        on_view=AgentSchemaState.set_view,
        json_text=AgentSchemaState.text,
        on_json=AgentSchemaState.set_json,
        json_problem=AgentSchemaState.problem,
        can_show_rows=AgentSchemaState.has_rows,
        disabled=_locked,
    )
    problem = rx.el.div(_problem("output_schema"), class_name="af-error", role="alert")
    return _section(switch, rx.cond(AgentSchemaState.is_on, rx.fragment(builder, problem)), title="Answer")


def _limits() -> rx.Component:
    draft = AgentFormState.draft
    steps = number_field(
        "Model calls per turn",
        name="max_steps",
        value=draft.max_steps,
        on_change=_set("max_steps"),
        low=1,
        high=50,
        help="How often it may think before it must answer.",
        error=_problem("limits.max_steps"),
        disabled=_locked,
    )
    length = number_field(
        "Answer length",
        name="max_output_tokens",
        value=draft.max_output_tokens,
        on_change=_set("max_output_tokens"),
        low=16,
        high=128_000,
        unit="tokens",
        help="About ¾ of a word each.",
        error=_problem("limits.max_output_tokens"),
        disabled=_locked,
    )
    time = number_field(
        "Time limit",
        name="timeout_s",
        value=draft.timeout_s,
        on_change=_set("timeout_s"),
        low=1,
        high=3600,
        unit="seconds",
        help="A turn that takes longer is stopped.",
        error=_problem("limits.timeout_s"),
        disabled=_locked,
    )
    return _section(rx.el.div(steps, length, time, class_name="af-limits"), title="Limits", help="A turn never uses more than this.")


def _section(*children: ui.Node, title: str = "", help: str = "") -> rx.Component:
    head = [rx.el.h2(title)] if title else []
    words = [rx.el.p(help, class_name="af-help")] if help else []
    return rx.el.section(*head, *words, *children, class_name="af-form-section")


def _budget() -> rx.Component:
    state: Any = AgentBudgetState
    fields = budget_fields(
        prefix="agent-budget",
        typed=state.typed,
        used=state.used,
        percent=state.percent,
        errors=state.errors,
        on_change=lambda name: lambda text: state.set_cap(name, text),
        names=CAPS,
        disabled=_locked,
    )
    save = ui.button("Save budget", on_click=state.save, disabled=_locked, size="sm")
    section = _section(
        fields,
        ui.row(save, rx.cond(state.resets != "", ui.muted(state.resets)), wrap=True, gap=3),
        title="Budget a day",
        help="In everything that uses the agent: workflows, teams and chats. At the limit its runs wait and ask how to go on.",
    )
    return rx.cond(state.slug != "", section)
