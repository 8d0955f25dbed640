"""Stacks, rows, grids, page and section heads."""

from typing import Any

import reflex as rx

from components.ui.base import Node, Text, classes, given


def stack(*children: Node, gap: int = 3, class_name: str = "", **props: Any) -> rx.Component:
    """A column; `gap` is a step of the space scale (1-12)."""
    style = {"--af-gap": f"var(--af-space-{gap})", **props.pop("style", {})}
    return rx.el.div(*children, class_name=classes("af-stack", class_name), style=style, **props)


def row(*children: Node, gap: int = 2, wrap: bool = False, class_name: str = "", **props: Any) -> rx.Component:
    """A line of vertically centred children."""
    names = classes("af-row", "af-row-wrap" if wrap else "", class_name)
    style = {"--af-gap": f"var(--af-space-{gap})", **props.pop("style", {})}
    return rx.el.div(*children, class_name=names, style=style, **props)


def grid(*children: Node, min_width: str = "260px", gap: int = 4, **props: Any) -> rx.Component:
    """As many equal columns as fit, none narrower than `min_width`."""
    style = {"--af-min": min_width, "--af-gap": f"var(--af-space-{gap})"}
    return rx.el.div(*children, class_name="af-grid", style=style, **props)


def spacer() -> rx.Component:
    """Push what follows to the far end of a row."""
    return rx.el.div(class_name="af-spacer")


def divider() -> rx.Component:
    """A hairline."""
    return rx.el.div(class_name="af-divider", role="separator")


def muted(*children: Node, small: bool = True, class_name: str = "", **props: Any) -> rx.Component:
    """Secondary text."""
    return rx.el.span(*children, class_name=classes("af-muted", "af-small" if small else "", class_name), **props)


def page_header(title: Text, *, description: Text = "", actions: tuple[Node, ...] = (), before: Node | None = None) -> rx.Component:
    """The head of a page: its one h1, a sentence, and the page's actions on the right."""
    words = rx.el.div(
        *([before] if before is not None else []),
        rx.el.h1(title),
        *([rx.el.p(description)] if given(description) else []),
        style={"min_width": "0"},
    )
    return rx.el.header(words, *([rx.el.div(*actions, class_name="af-page-actions")] if actions else []), class_name="af-page-header")


def section(title: Text, *children: Node, actions: tuple[Node, ...] = (), **props: Any) -> rx.Component:
    """A titled part of a page."""
    head = rx.el.div(rx.el.h2(title), spacer(), *actions, class_name="af-section-head")
    return rx.el.section(head, *children, **props)
