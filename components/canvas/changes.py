"""What differs between two definitions, as lines: the history and updates show it."""

from typing import Any

import reflex as rx

from components import ui


def field_change(item: Any) -> rx.Component:
    """From one value to another, or line by line."""

    def side(text: Any, kind: str) -> rx.Component:
        return rx.cond(text != "", rx.el.span(text, class_name=f"af-diff-{kind}"), rx.el.span("nothing", class_name="af-diff-none"))

    values = rx.el.div(
        side(item.before, "removed"), rx.el.span("→", aria_hidden="true"), side(item.after, "added"), class_name="af-diff-line"
    )
    lines = rx.el.div(
        rx.foreach(item.lines, lambda line: rx.el.div(line.text, class_name=f"af-diff-row af-diff-{line.change}")), class_name="af-diff"
    )
    return rx.el.div(
        rx.el.span(item.label, class_name="af-label af-small"), rx.cond(item.lines.length() > 0, lines, values), key=item.label
    )


def edge_changes(title: str, kind: str, edges: Any) -> rx.Component:
    """Connections that came or went."""
    rows = rx.foreach(edges, lambda text: rx.el.div(text, class_name=f"af-diff-row af-diff-{kind}"))
    return rx.cond(edges.length() > 0, rx.el.section(rx.el.h3(title), rx.el.div(rows, class_name="af-diff"), class_name="af-change"))


def step_change(step: Any) -> rx.Component:
    """A step, agent or test that came, went or differs, field by field."""
    head = ui.row(
        rx.el.strong(step.label, class_name="af-small"),
        ui.muted(step.kind_title),
        ui.spacer(),
        rx.el.span(step.change, class_name=f"af-change-mark af-change-{step.change}"),
    )
    return rx.el.section(head, rx.foreach(step.fields, field_change), class_name="af-change", key=step.node)
