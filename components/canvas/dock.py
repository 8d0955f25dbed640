"""The panel at the side of the canvas: which one is shown is decided in the browser, so that a click answers at once."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import ASSETS, act, act_with, browser_function, editor_var
from components.canvas.palette import kind_tile
from components.canvas.popups import MenuEntry, menu_icon
from components.forms import bare_input


@dataclass(frozen=True)
class InspectedKind:
    """What the head of the panel shows of a kind."""

    title: str
    icon: str
    tone: str
    isEntry: bool  # noqa: N815 - the browser's names
    isDrawing: bool  # noqa: N815


@dataclass(frozen=True)
class Inspected:
    """The chosen step as the browser knows it."""

    id: str
    label: str
    kind: InspectedKind


class DockPane(rx.Component):
    """See dock.jsx."""

    library = ASSETS["dock.jsx"]
    tag = "DockPane"

    name: rx.Var[str]
    label: rx.Var[str]


class StepTabs(rx.Component):
    """See dock.jsx; two children: settings and values."""

    library = ASSETS["dock.jsx"]
    tag = "StepTabs"

    form_id: rx.Var[str]
    run_id: rx.Var[str]


@rx.memo
def step_head() -> rx.Component:
    """Icon, name and kind of the chosen step, and what can be done with it as a whole."""
    chosen = editor_var("inspected", Inspected)
    doc = editor_var("doc", dict[str, bool])
    can_edit = doc["canEdit"]
    name = bare_input(
        label="Name of the step",
        value=chosen.label,
        on_change=act_with("relabel", chosen.id),
        small=False,
        pause=150,
        max_length=120,
        disabled=~can_edit,
        id="field-node-label",
    )
    replace = ui.icon_button(
        "replace", label="Replace by another kind", size="sm", tip=False, title="Replace with… (R)", on_click=act("replace")
    )
    tools = rx.cond(
        can_edit,
        rx.fragment(
            rx.cond(chosen.kind.isEntry | chosen.kind.isDrawing, rx.fragment(), replace),
            ui.icon_button(
                "copy_plus", label="Duplicate this step", size="sm", tip=False, title="Duplicate (Ctrl D)", on_click=act("duplicate")
            ),
            ui.icon_button("trash_2", label="Delete this step", size="sm", tip=False, title="Delete (Del)", on_click=act("remove")),
        ),
    )
    close = ui.icon_button("x", label="Close the panel", size="sm", tip=False, on_click=act("closeDock"))
    ways = ui.menu(
        ui.icon_button("play", label="Run this step…", size="sm", tip=False, title="Run or pin this step…", id="run-chosen"),
        step_entries(),
        align="end",
        on_open_change=act("stepEntries"),
    )
    run = rx.cond(doc["canRun"] & ~chosen.kind.isDrawing, ways)
    words = rx.el.div(name, rx.el.div(chosen.kind.title, class_name="af-dock-kind"), class_name="af-dock-words")
    head = rx.el.header(kind_tile(chosen.kind.icon, chosen.kind.tone), words, run, tools, close, class_name="af-dock-head", key=chosen.id)
    return rx.cond(chosen, head)


def step_entries() -> rx.Component:
    """What the page offers for the chosen step, as entries of a menu whose `on_open_change` is `act("stepEntries")`."""
    entries = editor_var("stepEntries", list[MenuEntry])

    def entry(item: rx.vars.ObjectVar[MenuEntry]) -> rx.Component:
        return rx.menu.item(menu_icon(item.icon), item.label, on_click=act("stepEntry", item.key), key=item.key)

    return rx.foreach(entries, entry)


def pane_head(title: ui.Text, *actions: rx.Component) -> rx.Component:
    """The head of a panel about the whole workflow."""
    close = ui.icon_button("x", label="Close the panel", size="sm", tip=False, on_click=act("side", ""))
    return rx.el.header(rx.el.h2(title), *actions, close, class_name="af-dock-head af-dock-title")


def with_revision(handler: Any) -> list[Any]:
    """Call a handler of the page with the revision that the editor knows; what is unsaved goes first."""
    revision = browser_function("savedRevision").call().to(int)
    return [act("save"), handler(revision)]
