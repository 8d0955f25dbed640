"""What stands in the nodes: steps, notes and containers as Python components that React Flow draws; flow.jsx wraps them."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components.canvas.bridge import ASSETS, act, editor_var
from components.canvas.catalog import icon_names
from engine.spec.workflow import UNDO_PORT


@dataclass(frozen=True)
class PortLook:
    """One way out with a row of its own."""

    name: str
    label: str
    style: str


@dataclass(frozen=True)
class NodeLook:
    """What picture.jsx works out for each node; the names are those of the browser."""

    label: str
    summary: str
    title: str
    icon: str
    tone: str
    hasInput: bool  # noqa: N815 - the browser's name
    isSingle: bool  # noqa: N815
    isEmpty: bool  # noqa: N815
    hasUndo: bool  # noqa: N815
    lock: str
    hint: str
    single: str
    rows: list[PortLook]
    errors: int
    warnings: int
    problem: str
    text: str
    color: str


class Handle(rx.Component):
    """A port of a node."""

    library = "@xyflow/react@12.12.1"
    tag = "Handle"

    type: rx.Var[str]
    position: rx.Var[str]


class NodeStatus(rx.Component):
    """The node's state in the run that is shown."""

    library = ASSETS["picture.jsx"]
    tag = "NodeStatus"

    node_id: rx.Var[str]


class NodeMarkdown(rx.Component):
    """A note's text; a small safe subset of Markdown."""

    library = ASSETS["notes.jsx"]
    tag = "NoteText"

    text: rx.Var[str]


@rx.memo
def kind_icon(name: rx.Var[str]) -> rx.Component:
    """The icon of a node kind, out of those the registry names."""
    icons = [(icon, rx.icon(icon.replace("-", "_"), size=18, aria_hidden="true")) for icon in icon_names()]
    return rx.fragment(rx.match(name, *icons, rx.icon("circle_help", size=18, aria_hidden="true")))


def _tile(data: Any) -> rx.Component:
    return rx.el.span(kind_icon(name=data.icon), class_name="af-tile")


def _marks(data: Any) -> rx.Component:
    """How many findings, the first of them on hover."""
    return rx.cond(
        data.errors > 0,
        rx.el.span(data.errors, class_name="af-mark af-mark-error", title=data.problem, aria_label=data.problem),
        rx.cond(data.warnings > 0, rx.el.span("!", class_name="af-mark af-mark-hint", title=data.problem, aria_label=data.problem)),
    )


def _row(port: Any) -> rx.Component:
    return rx.el.div(
        rx.el.span(port.label, class_name="af-port-label"),
        Handle.create(type="source", position="right", id=port.name),
        class_name=f"af-port-row af-port-{port.style}",
        key=port.name,
    )


def _in(data: Any) -> rx.Component:
    return rx.cond(data.hasInput, Handle.create(type="target", position="left", id="in", class_name="af-handle-in"))


def _out(data: Any) -> rx.Component:
    return rx.cond(data.isSingle, Handle.create(type="source", position="right", id=data.single, class_name="af-handle-out"))


def _undo(data: Any) -> rx.Component:
    """The way to the step that takes this one back."""
    port = Handle.create(
        type="source",
        position="bottom",
        id=UNDO_PORT,
        class_name="af-handle-undo",
        custom_attrs={"title": "Undo: connect the step that takes this one back"},
    )
    return rx.cond(data.hasUndo, port)


def _lock(data: Any) -> rx.Component:
    title = rx.Var.create("One at a time: ").to(str) + data.lock
    return rx.cond(data.lock != "", rx.el.span(rx.icon("lock", size=12, aria_hidden="true"), class_name="af-lock", title=title))


def _head(data: Any) -> rx.Component:
    words = rx.el.div(
        rx.el.div(data.label, class_name="af-node-label"), rx.el.div(data.summary, class_name="af-node-summary"), class_name="af-node-words"
    )
    return rx.el.div(_tile(data), words, _lock(data), _marks(data), _in(data), _out(data), class_name="af-node-head")


@rx.memo
def step_body(node_id: rx.Var[str], data: rx.Var[NodeLook], selected: rx.Var[bool]) -> rx.Component:
    """A step: icon tile, label, one line of config, its ways out, findings and the state of the run."""
    look: Any = data  # its fields are Vars, which the type of a Var does not say
    rows = rx.cond(look.rows.length() > 0, rx.el.div(rx.foreach(look.rows, _row), class_name="af-ports"))
    return rx.el.div(
        _head(look),
        rows,
        _undo(look),
        NodeStatus.create(node_id=node_id),
        class_name=f"af-node af-tone-{look.tone} {rx.cond(selected, 'af-node-on', '')}",
    )


@rx.memo
def container_body(node_id: rx.Var[str], data: rx.Var[NodeLook], selected: rx.Var[bool]) -> rx.Component:
    """A container: a titled frame in which other steps live."""
    look: Any = data
    can_edit = editor_var("doc", dict[str, bool])["canEdit"]
    add = rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "Add a step inside",
        type="button",
        on_click=act("inside", node_id),
        class_name="af-button af-button-ghost af-size-sm nodrag nopan",
    )
    hint = rx.el.div(rx.el.div("Drop steps here.", rx.el.br(), look.hint, rx.cond(can_edit, rx.el.div(add))), class_name="af-box-hint")
    rows = rx.cond(look.rows.length() > 0, rx.el.div(rx.foreach(look.rows, _row), class_name="af-ports"))
    return rx.el.div(
        _head(look),
        rows,
        _undo(look),
        rx.cond(look.isEmpty, hint),
        NodeStatus.create(node_id=node_id),
        class_name=f"af-box af-tone-{look.tone} {rx.cond(selected, 'af-node-on', '')}",
    )


@rx.memo
def note_body(node_id: rx.Var[str], data: rx.Var[NodeLook], selected: rx.Var[bool]) -> rx.Component:
    """A sticky note."""
    look: Any = data
    return rx.el.div(
        NodeMarkdown.create(text=look.text),
        class_name=f"af-note af-note-{look.color} {rx.cond(selected, 'af-node-on', '')}",
        custom_attrs={"data-note": node_id},
    )
