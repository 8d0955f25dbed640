"""Tools as switches with explanations; the agent form and the agent node's inspector use it."""

from typing import Any

import reflex as rx

from app.views.agents import ToolOption
from components.ui import Flag, Text


def tool_toggles(
    options: rx.Var[list[ToolOption]], *, chosen: rx.vars.ArrayVar[list[str]], on_toggle: Any, error: Text = "", disabled: Flag = False
) -> rx.Component:
    """One switch per tool; `on_toggle(name, is_on)`."""
    rows = rx.foreach(options, lambda tool: _tool(tool, chosen, on_toggle, disabled))
    return rx.el.div(
        rx.el.div(rows, class_name="af-stack", role="group", aria_label="Tools"),
        rx.el.div(error, class_name="af-error", role="alert"),
    )


def _tool(tool: rx.vars.ObjectVar[ToolOption], chosen: rx.vars.ArrayVar[list[str]], on_toggle: Any, disabled: Flag) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        role="switch",
        checked=chosen.contains(tool.name),
        on_change=lambda is_on: on_toggle(tool.name, is_on),
        disabled=disabled,
        class_name="af-switch",
        aria_label=tool.label,
    )
    words = rx.el.span(
        rx.el.span(tool.label, class_name="af-label"), rx.el.span(tool.description, class_name="af-help"), class_name="af-tool-words"
    )
    return rx.el.label(box, words, class_name="af-switch-row af-tool")
