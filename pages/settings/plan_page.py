"""The plan of the workspace: what of it is used, what is paid for it, the other plans, and the invoices."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.everybodys_plan_parts import everybodys_plan
from pages.settings.plan_parts import billing, change_dialog, invoices, plan_table
from pages.settings.plan_state import PlanState

_state: Any = PlanState
ABOUT = "A task is one run of a workflow or one answer of an agent, however many steps it has. Tests, dry runs and retries are free."


def plan_page() -> rx.Component:
    """Render the page."""
    used = ui.section(_state.name, ui.card(ui.stack(rx.foreach(_state.meters, _meter), gap=5)))
    whom = rx.cond(_state.bill.whom != "", ui.muted(_state.bill.whom), rx.fragment())
    others = ui.section("Plans", ui.stack(plan_table(), whom, gap=3))
    none = ui.empty_state("No plans here", "This installation limits nothing by plans. Budgets are yours to set.", icon="gauge")
    found = rx.cond(_state.is_on, ui.stack(used, billing(), others, invoices(), change_dialog(), gap=8), none)
    return settings_page(loaded(_state, ui.stack(found, everybodys_plan(), gap=8)), active="plan", title="Plan", description=ABOUT)


def _meter(meter: Any) -> rx.Component:
    mark = rx.cond(
        meter.level == 100, ui.badge(meter.mark, tone="red"), rx.cond(meter.level == 80, ui.badge("Over 80 %", tone="amber"), rx.fragment())
    )
    head = ui.row(
        rx.el.strong(meter.label),
        mark,
        ui.spacer(),
        rx.el.span(meter.used, class_name=rx.cond(meter.level == 100, "af-over", "")),
        wrap=True,
    )
    bar = rx.el.div(
        rx.el.div(class_name="af-progress-fill", style={"width": f"{meter.percent}%"}),
        role="progressbar",
        aria_label=meter.label,
        aria_valuenow=meter.percent,
        aria_valuemin=0,
        aria_valuemax=100,
        class_name=rx.match(meter.level, (100, "af-progress af-progress-full"), (80, "af-progress af-progress-high"), "af-progress"),
    )
    return ui.stack(head, bar, rx.cond(meter.note != "", ui.muted(meter.note), rx.fragment()), gap=2)
