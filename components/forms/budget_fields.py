"""The four caps of a budget as fields with what is used of each; the budgets page and the agent form show it."""

from typing import Any

import reflex as rx

from components import ui

_HINTS = {
    "money": "For model calls, such as 5.00.",
    "tokens": "Read and written by models.",
    "time": "Time in which steps are at work; waiting does not count.",
    "steps": "Steps that came to an end.",
}
_LABELS = {"money": "Money in US dollars", "tokens": "Tokens", "time": "Hours of work", "steps": "Steps"}


def budget_fields(
    *, prefix: str, typed: Any, used: Any, percent: Any, errors: Any, on_change: Any, names: tuple[str, ...], disabled: Any
) -> rx.Component:
    """`typed`, `used` and `percent` are Vars of mappings by the name of the cap; `on_change(name)` gives the event of typing."""

    def cap(name: str) -> rx.Component:
        control = ui.text_field(
            _LABELS[name],
            name=f"{prefix}-{name}",
            value=typed[name],
            on_change=on_change(name),
            error=errors.get(name, ""),
            help=_HINTS[name],
            placeholder="No limit",
            max_length=20,
            inputmode="decimal",
            disabled=disabled,
        )
        return ui.stack(control, rx.cond(used[name] != "", usage_bar(used[name], percent[name])), gap=2)

    return ui.grid(*[cap(name) for name in names], min_width="240px", gap=4)


def usage_bar(words: Any, percent: Any) -> rx.Component:
    """How much of a cap is used: a bar, and the figures beside it so that colour is never alone."""
    tone = rx.cond(percent >= 100, "af-meter af-meter-full", rx.cond(percent >= 80, "af-meter af-meter-high", "af-meter"))
    bar = rx.el.div(
        rx.el.div(style={"width": f"{percent}%"}, class_name="af-meter-used"),
        custom_attrs={"role": "meter", "aria-label": words, "aria-valuenow": percent, "aria-valuemin": "0", "aria-valuemax": "100"},
        class_name=tone,
    )
    return ui.stack(bar, ui.muted(words), gap=1)
