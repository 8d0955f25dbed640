"""The inside of a version on its case's page: all that is set in each step, agent and test, and what differs from the version before."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.changes import edge_changes, field_change, step_change
from pages.moderation.state import CaseState

_one: Any = CaseState


def _arrow() -> rx.Component:
    return rx.icon("chevron_right", size=15, class_name="af-sample-arrow", aria_hidden="true")


def _setting(one: Any) -> rx.Component:
    value = rx.cond(one.is_long, ui.code_block(one.text), rx.el.span(one.text, class_name="af-small af-inside-value"))
    return rx.el.div(rx.el.span(one.label, class_name="af-label af-small"), value, class_name="af-inside-setting", key=one.label)


def _part(one: Any) -> rx.Component:
    head = rx.el.summary(_arrow(), rx.el.span(one.title), ui.spacer(), ui.muted(one.kind))
    nothing = ui.muted("Nothing is set.")
    values = rx.cond(ui.length_of(one.settings) > 0, rx.fragment(rx.foreach(one.settings, _setting)), nothing)
    return rx.el.details(
        head,
        rx.el.div(values, class_name="af-inside-settings"),
        class_name="af-sample af-inside-part",
        id=f"part-{one.key}",
        open=_one.chosen == one.key,
        key=one.key,
    )


def _workflow(one: Any) -> rx.Component:
    about = rx.cond(
        ui.length_of(one.settings) > 0, rx.el.div(rx.foreach(one.settings, _setting), class_name="af-inside-settings"), rx.fragment()
    )
    lines = rx.el.details(
        rx.el.summary(_arrow(), rx.el.span("Connections")), ui.code_block(one.connections), class_name="af-sample af-inside-part"
    )
    more = ui.row(ui.muted(one.more), ui.button("Show all", size="sm", on_click=_one.show_all))
    card = ui.card(
        about,
        rx.foreach(one.steps, _part),
        rx.cond(one.more != "", more, rx.fragment()),
        rx.cond(one.connections != "", lines, rx.fragment()),
    )
    return ui.section(f"Steps of {one.title}", card)


def _parts(title: str, rows: Any) -> rx.Component:
    return rx.fragment(rx.cond(ui.length_of(rows) > 0, ui.section(title, ui.card(rx.foreach(rows, _part))), rx.fragment()))


def inside() -> rx.Component:
    """Each part with all its settings."""
    origins = ui.section("Made from other listings", rx.el.ul(rx.foreach(_one.inside.origins, rx.el.li), class_name="af-small"))
    return rx.fragment(
        rx.foreach(_one.inside.workflows, _workflow),
        _parts("Agents", _one.inside.agents),
        _parts("Tests", _one.inside.tests),
        rx.cond(ui.length_of(_one.inside.origins) > 0, origins, rx.fragment()),
    )


def _difference(one: Any) -> rx.Component:
    own = rx.el.section(rx.foreach(one.own, field_change), class_name="af-change")
    return ui.stack(
        rx.el.strong(one.name, class_name="af-small"),
        rx.cond(ui.length_of(one.own) > 0, own, rx.fragment()),
        rx.foreach(one.steps, step_change),
        edge_changes("Connected", "added", one.connected),
        edge_changes("Cut", "removed", one.cut),
        gap=2,
    )


def _line(label: str, text: Any) -> rx.Component:
    return rx.cond(text != "", rx.el.p(rx.el.strong(label), text, class_name="af-small"), rx.fragment())


def what_changed() -> rx.Component:
    """Against the version before it that was on the shelf."""
    change = _one.change
    changes = ui.stack(
        rx.foreach(change.workflows, _difference),
        rx.foreach(change.parts, step_change),
        _line("Comes along: ", change.added),
        _line("Is gone: ", change.removed),
        gap=4,
    )
    same = ui.muted("Steps, agents and tests are the same.")
    shown = ui.section(f"Changed since {change.earlier}", ui.card(rx.cond(change.is_same, same, changes)))
    return rx.fragment(rx.cond(change.earlier != "", shown, rx.fragment()))
