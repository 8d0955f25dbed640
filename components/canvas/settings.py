"""The panel about the workflow as a whole: its name, its description, and what one run of it may use."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, act_with, editor_var
from components.canvas.catalog import limit_fields
from components.canvas.dock import DockPane, pane_head
from components.forms import draft_field


@dataclass(frozen=True)
class LimitWords:
    """The limits as texts of fields."""

    max_parallel: str
    timeout_s: str
    max_steps: str
    max_cost_micros: str
    max_tokens: str


@dataclass(frozen=True)
class WholeDoc:
    """What the panel edits."""

    name: str
    description: str
    limits: LimitWords
    canEdit: bool  # noqa: N815 - the browser's name


@rx.memo
def settings_body() -> rx.Component:
    """Fields that are kept as they are typed; every change is undoable like one on the canvas."""
    doc = editor_var("doc", WholeDoc)
    name = draft_field(
        "Name",
        name="workflow-name",
        value=doc.name,
        on_change=act_with("setName"),
        on_empty=act("nameless"),
        max_length=120,
        disabled=~doc.canEdit,
        pause=600,
    )
    about = draft_field(
        "Description",
        name="workflow-description",
        value=doc.description,
        on_change=act_with("meta", "description"),
        help="What it is for, in a sentence or two. It stands in blueprints and where others choose a workflow.",
        multiline=True,
        rows=3,
        max_length=4000,
        disabled=~doc.canEdit,
    )
    limits = [_limit(field, doc) for field in limit_fields()]
    title = rx.el.h3("What one run may use", class_name="af-dock-section")
    return ui.stack(name, about, title, *limits, gap=4)


def _limit(field: dict[str, Any], doc: Any) -> rx.Component:
    refused = editor_var("fieldErrors", dict[str, str])
    key = f"limits.{field['name']}"
    return draft_field(
        field["label"],
        name=f"limit-{field['name']}",
        value=doc.limits[field["name"]],
        on_change=act_with("limit", field["name"], {name: field[name] for name in ("low", "high", "unit", "optional")}),
        help=field["help"],
        error=rx.cond(refused.contains(key), refused[key], ""),
        disabled=~doc.canEdit,
        pause=600,
    )


def settings_pane() -> rx.Component:
    """The pane."""
    return DockPane.create(
        pane_head("Settings"), rx.el.div(settings_body(), class_name="af-dock-body af-dock-padded"), name="settings", label="Settings"
    )
