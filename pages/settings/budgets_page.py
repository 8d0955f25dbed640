"""Budgets and models: what the workspace may use, which models stand in for others, and how fast its runs may ask."""

from typing import Any

import reflex as rx

from components import ui
from components.forms.budget_fields import budget_fields
from components.shell import loaded, settings_page
from pages.settings.budgets_state import BudgetsState

_state: Any = BudgetsState  # its attributes are Vars, which the type of the class does not say
_locked = rx.cond(_state.can_edit, False, True)
_COLUMNS = (("requests", "Requests a minute"), ("tokens", "Tokens a minute"), ("calls", "Calls at once"))


def budgets_page() -> rx.Component:
    """Render the page."""
    found = ui.stack(
        _period("day", "A day", _state.day), _period("month", "A month", _state.month), _agents(), _fallbacks(), _rates(), gap=8
    )
    about = "What everything in this workspace may use. At a limit, runs wait with what they have done and ask how to go on."
    return settings_page(loaded(_state, found, rows=6), active="budgets", title="Budgets and models", description=about)


def _period(period: str, title: str, item: Any) -> rx.Component:
    errors = {name: _state.errors.get(f"{period}.{name}", "") for name in ("money", "tokens", "time", "steps")}
    fields = budget_fields(
        prefix=period,
        typed=_state.typed[period],
        used=item.used,
        percent=item.percent,
        errors=errors,
        on_change=lambda name: lambda text: _state.set_cap(period, name, text),
        names=("money", "tokens", "time", "steps"),
        disabled=_locked,
    )
    notes = ui.row(
        rx.cond(item.level == 100, ui.badge("Limit reached", tone="red"), rx.cond(item.level == 80, ui.badge("Over 80 %", tone="amber"))),
        rx.cond(item.waiting != "", ui.link(item.waiting, href="/approvals", class_name="af-link af-small")),
        rx.cond(item.resets != "", ui.muted(item.resets)),
        wrap=True,
    )
    save = ui.button("Save", type="submit", variant="primary", disabled=_locked)
    form = rx.el.form(
        ui.stack(fields, ui.row(save, notes, wrap=True, gap=4), gap=4),
        on_submit=lambda _form: _state.save_budget(period),
        custom_attrs={"data-budget": period},
    )
    return ui.section(title, ui.card(form))


def _agents() -> rx.Component:
    def line(item: Any) -> rx.Component:
        words = rx.el.div(
            rx.el.div(item.title, class_name="af-card-title"),
            rx.foreach(item.lines, lambda text: rx.el.div(text, class_name="af-muted af-small")),
            class_name="af-grow-1",
        )
        mark = rx.cond(
            item.level == 100, ui.badge("Limit reached", tone="red"), rx.cond(item.level == 80, ui.badge("Over 80 %", tone="amber"))
        )
        return rx.el.div(words, mark, class_name="af-line")

    listed = ui.card(rx.foreach(_state.agents, line), class_name="af-card-flush")
    none = ui.muted("No agent has a budget of its own. Set one in the form of the agent, at the end.", small=False)
    return ui.section("Agents, a day", rx.cond(ui.length_of(_state.agents) > 0, listed, none))


def _fallbacks() -> rx.Component:
    def chip(model: Any) -> rx.Component:
        cross = rx.el.button(
            rx.icon("x", size=12, aria_hidden="true"),
            type="button",
            aria_label=f"Remove fallback {model}",
            on_click=_state.remove_fallback(model),
            disabled=_locked,
        )
        return rx.el.span(model, cross, class_name="af-chip", key=model)

    add = rx.el.select(
        rx.el.option("Add a model…", value=""),
        *ui.options(_state.choices),
        value="",
        on_change=_state.add_fallback,
        aria_label="Add a fallback model",
        disabled=_locked,
        class_name="af-input af-select-small",
    )
    chain = ui.field(
        "Fallback models",
        ui.row(rx.foreach(_state.fallbacks, chip), add, wrap=True),
        name="workspace-fallbacks",
        help="Asked in this order when a model is overloaded or unreachable, where a step or agent names no fallbacks of its own. "
        "A refused key or request is never passed on.",
        error=_state.errors.get("fallback_models", ""),
    )
    save = ui.button("Save models", variant="primary", on_click=_state.save_policy, disabled=_locked)
    return ui.section("When a model does not answer", ui.card(ui.stack(chain, ui.row(save), gap=4)))


def _rates() -> rx.Component:
    def provider(item: Any) -> rx.Component:
        def cell(name: str, label: str) -> rx.Component:
            key = f"{item.provider}.{name}"
            return ui.text_field(
                label,
                name=f"rate-{key}",
                value=_state.rates[key],
                on_change=lambda text: _state.set_rate(item.provider, name, text),
                error=_state.errors.get(key, ""),
                placeholder="No limit",
                max_length=12,
                inputmode="numeric",
                disabled=_locked,
            )

        return ui.stack(
            rx.el.div(item.label, class_name="af-card-title"),
            ui.grid(*[cell(name, label) for name, label in _COLUMNS], min_width="150px", gap=3),
            gap=2,
            custom_attrs={"data-provider": item.provider},
        )

    save = ui.button("Save limits", variant="primary", on_click=_state.save_policy, disabled=_locked)
    about = ui.muted("How fast the runs of this workspace may ask each provider, over all workers together. What is too fast waits.")
    return ui.section("Rate limits", ui.card(ui.stack(about, rx.foreach(_state.providers, provider), ui.row(save), gap=5)))
