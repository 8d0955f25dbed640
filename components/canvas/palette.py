"""The palette: every kind of step by category, searched as you type, added by click, Enter or by dragging onto the canvas."""

from dataclasses import dataclass

import reflex as rx
from reflex_base.vars.function import ArgsFunctionOperation

from components import ui
from components.canvas.bodies import kind_icon
from components.canvas.bridge import act, act_with, browser_function, browser_keys, editor_var


@dataclass(frozen=True)
class KindLook:
    """A kind as palette and quick-add show it."""

    kind: str
    title: str
    summary: str
    icon: str
    tone: str


@dataclass(frozen=True)
class KindGroup:
    """The kinds of one heading."""

    label: str
    kinds: list[KindLook]


@dataclass(frozen=True)
class Palette:
    """What is searched for, and what fits."""

    search: str
    groups: list[KindGroup]
    hint: str


def elsewhere_hint(words: rx.Var[str]) -> rx.Component:
    """Where something is that is no step."""
    return rx.el.p(words, " ", ui.link("Open Triggers", href="/triggers"), class_name="af-panel-empty")


def kind_tile(icon: rx.Var[str], tone: rx.Var[str]) -> rx.Component:
    """The small coloured square of a kind."""
    return rx.el.span(kind_icon(name=icon), class_name=f"af-tile af-tile-sm af-tone-{tone}")


def _entry(kind: rx.vars.ObjectVar[KindLook]) -> rx.Component:
    drag = ArgsFunctionOperation.create(("event",), browser_function("startKindDrag").call(rx.Var("event"), kind.kind))
    return rx.el.button(
        kind_tile(kind.icon, kind.tone),
        rx.el.span(
            rx.el.span(kind.title, class_name="af-kind-title"),
            rx.el.span(kind.summary, class_name="af-kind-help"),
            class_name="af-node-words",
        ),
        type="button",
        draggable=True,
        on_click=act("palettePick", kind.kind),
        title=kind.summary,
        class_name="af-kind",
        custom_attrs={"onDragStart": drag, "data-kind": kind.kind},
        key=kind.kind,
    )


def _group(group: rx.vars.ObjectVar[KindGroup]) -> rx.Component:
    return rx.el.section(rx.el.h3(group.label, class_name="af-kind-group"), rx.foreach(group.kinds, _entry), key=group.label)


@rx.memo
def palette_panel() -> rx.Component:
    """Floats at the left of the canvas."""
    palette = editor_var("palette", Palette)
    panel = editor_var("panel", str)
    search = rx.el.input(
        type="search",
        value=palette.search,
        on_change=act_with("paletteSearch"),
        placeholder="Search steps",
        aria_label="Search steps",
        auto_focus=True,
        class_name="af-input af-size-sm",
        custom_attrs={"onKeyDown": browser_keys({"Enter": ("paletteEnter",)})},
    )
    nothing = rx.el.p("No step fits. Try another word.", class_name="af-panel-empty")
    body = rx.el.div(
        rx.el.div(
            search,
            ui.icon_button("x", label="Close the palette", size="sm", on_click=act("panel", ""), tip=False),
            class_name="af-panel-head",
        ),
        rx.cond(palette.hint, elsewhere_hint(palette.hint)),
        rx.el.div(rx.cond(palette.groups.length() > 0, rx.foreach(palette.groups, _group), nothing), class_name="af-panel-list"),
        class_name="af-panel af-palette-panel",
        role="region",
        aria_label="Steps to add",
    )
    return rx.cond(panel == "palette", body)
