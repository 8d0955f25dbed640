"""Tool calls of an answer as rows that open: arguments, result, time, error."""

import reflex as rx

from app.views.conversations import ToolCallView
from components import ui


def tool_call_rows(calls: rx.vars.ArrayVar[list[ToolCallView]]) -> rx.Component:
    """One row per call, in order."""
    return rx.cond(calls.length() > 0, rx.el.div(rx.foreach(calls, _row), class_name="af-tools"), rx.fragment())


def _row(call: rx.vars.ObjectVar[ToolCallView]) -> rx.Component:
    mark = rx.match(
        call.status,
        ("running", ui.spinner()),
        ("failed", rx.icon("circle_x", size=14, class_name="af-tool-failed", aria_label="failed")),
        rx.icon("circle_check", size=14, class_name="af-tool-done", aria_label="done"),
    )
    head = rx.el.summary(
        mark,
        rx.el.code(call.name),
        rx.el.span(call.arguments, class_name="af-muted af-small af-truncate af-tool-brief"),
        rx.el.span(call.duration, class_name="af-muted af-small"),
        rx.icon("chevron_right", size=14, class_name="af-tool-chevron", aria_hidden="true"),
    )
    return rx.el.details(
        head,
        rx.el.div(
            _part("Arguments", call.arguments),
            rx.cond(call.error != "", ui.callout(call.error, tone="red", title="The tool failed. "), rx.fragment()),
            rx.cond(call.result != "", _part("Result", call.result), rx.fragment()),
            class_name="af-tool-body",
        ),
        class_name="af-tool-call",
        key=call.id,
    )


def _part(label: str, text: rx.vars.StringVar[str]) -> rx.Component:
    return rx.el.div(rx.el.div(label, class_name="af-tool-label"), ui.code_block(text, max_height="220px"))
