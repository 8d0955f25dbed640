"""Parts of the page that shows two runs side by side."""

from typing import Any

import reflex as rx

from components import ui
from pages.compare.state import CompareState

_state: Any = CompareState  # its attributes are Vars, which the type of the class does not say


def head() -> rx.Component:
    """Both runs, in words what differs, and the totals."""
    back = ui.link(rx.icon("arrow_left", size=14), "Runs", href="/runs", class_name="af-link af-small af-row")
    header = ui.page_header("Two runs side by side", description=_state.words, before=back)
    return ui.stack(header, rx.el.div(_run("A", _state.a, "a"), _run("B", _state.b, "b"), class_name="af-compare-values"), _totals(), gap=4)


def _run(letter: str, run: Any, side: str) -> rx.Component:
    name = ui.row(
        rx.el.span(class_name=f"af-compare-key af-compare-key-{side}", aria_hidden="true"),
        rx.el.strong(letter),
        ui.link(run.title, href=run.href, class_name="af-strong-link"),
        ui.status_badge(run.status),
        rx.cond(run.is_dry, ui.badge("Dry run", tone="amber")),
        wrap=True,
    )
    another = ui.select(
        f"Run shown as {letter}",
        _state.others,
        name=f"run-{side}",
        value=run.id,
        on_change=lambda run_id: _state.take(side, run_id),
    )
    note = ui.muted(run.started, rx.cond(run.by != "", f" by {run.by}", ""), title=run.started_at)
    given = ui.value_view(_state.values[f"given_{side}"], label=f"Given to {letter}", max_height="160px")
    output = ui.value_view(_state.values[f"output_{side}"], label=f"Result of {letter}", max_height="220px", is_answer=True)
    return ui.card(
        ui.stack(name, note, another, _titled("Given", given), _titled("Result", output), gap=2), custom_attrs={"data-side": side}
    )


def _titled(title: str, view: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title, class_name="af-value-title"), view)


def _totals() -> rx.Component:
    def line(item: Any) -> rx.Component:
        cells = [ui.number_cell(item.a), ui.number_cell(item.b), ui.number_cell(item.change)]
        return ui.table_row(rx.el.td(item.label), *cells)

    heads = ("", *map(ui.number_head, ("A", "B", "B against A")))
    return ui.table(heads, rx.foreach(_state.totals, line), label="Totals", keeps_columns=True)


def legend() -> rx.Component:
    """Which colour is whose way."""

    def key(side: str, text: str) -> rx.Component:
        return ui.row(rx.el.span(class_name=f"af-compare-key af-compare-key-{side}", aria_hidden="true"), ui.muted(text), gap=1)

    return ui.row(key("both", "both went there"), key("a", "only A"), key("b", "only B"), gap=4, wrap=True)


def step_table() -> rx.Component:
    """One line per step; what differs comes first."""
    numbers = ("Time A", "Time B", "Tokens A", "Tokens B", "Cost A", "Cost B")
    heads = ("Step", "Difference", "A", "B", *map(ui.number_head, numbers))
    return ui.table(heads, rx.foreach(_state.steps, _line), label="Steps of both runs", keeps_columns=True)


def _line(item: Any) -> rx.Component:
    tone = rx.cond(item.difference == "same", ui.muted(item.words), ui.badge(item.words, tone="blue"))
    choose = rx.el.button(item.label, type="button", on_click=_state.choose(item.node), class_name="af-plain-link af-strong-link")
    name = ui.stack(choose, rx.cond(item.changed != "", ui.muted(item.changed)), gap=1)
    figures = (item.time_a, item.time_b, item.tokens_a, item.tokens_b, item.cost_a, item.cost_b)
    return ui.table_row(
        rx.el.td(name),
        rx.el.td(tone),
        rx.el.td(rx.cond(item.status_a != "", ui.status_badge(item.status_a), ui.muted("not there"))),
        rx.el.td(rx.cond(item.status_b != "", ui.status_badge(item.status_b), ui.muted("not there"))),
        *[ui.number_cell(figure) for figure in figures],
        custom_attrs={"data-node": item.node, "data-difference": item.difference},
    )


def chosen_values() -> rx.Component:
    """What the chosen step was given and gave, side by side."""

    def side(letter: str, name: str) -> rx.Component:
        output = ui.value_view(_state.values[f"step_output_{name}"], label=f"Output in {letter}", max_height="320px", is_answer=True)
        names, code = _state.values["step_names"], _state.values["step_code"]
        settings = f"Settings as it ran in {letter}"
        inputs = ui.value_view(_state.values[f"step_inputs_{name}"], label=settings, labels=names, code=code, max_height="320px")
        return ui.card(ui.stack(rx.el.h3(letter), _titled("Output", output), _titled("Settings as it ran", inputs), gap=2))

    pair = rx.el.div(side("A", "a"), side("B", "b"), class_name="af-compare-values")
    return rx.cond(_state.chosen != "", ui.section(_state.chosen, pair, id="compared-step"))
