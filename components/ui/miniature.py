"""A workflow at the size of a card: boxes coloured by category and the lines between them (app.views.workflows.Miniature)."""

from typing import Any

import reflex as rx


def miniature(drawing: Any) -> rx.Component:
    """Draw a Miniature Var; its coordinates are in a box of 200 by 96."""

    def box(node: Any) -> rx.Component:
        place = {side: getattr(node, side).to(int) for side in ("x", "y", "width", "height")}  # SVG takes fractions; Reflex's types do not
        return rx.el.svg.rect(rx=3, class_name=f"af-mini-box af-mini-{node.category}", **place)

    picture = rx.el.svg(
        rx.el.svg.path(d=drawing.lines, class_name="af-mini-line"),
        rx.foreach(drawing.nodes, box),
        view_box="0 0 200 96",
        aria_hidden="true",
        class_name="af-mini-picture",
    )
    return rx.el.div(picture, class_name="af-mini")
