"""The dialog of an update: what changes, what it newly may do, and whose changes count where both sides changed the same."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.changes import edge_changes, step_change
from pages.offer.ask_parts import credential_questions
from pages.offer.parts import permission_list
from pages.offer.state import OfferState
from pages.offer.update_state import UpdateState

_state: Any = UpdateState
TAKES = (
    ("mine", "Keep mine", "Where both changed the same, what you have stays. Everything else of the new version comes in."),
    ("theirs", "Take theirs", "Where both changed the same, the new version counts. Your other changes stay."),
    ("replace", "Replace mine", "It becomes the new version, whole. What you changed is overwritten."),
)


def update_offer() -> rx.Component:
    """Offers the newer version to who has an earlier one."""
    offer: Any = OfferState.offer
    button = ui.button(f"Update to {offer.version}", wide=True, icon="circle_arrow_up", on_click=_state.ask)
    return rx.cond(offer.has_update, ui.stack(button, ui.muted("This workspace has ", offer.installed_version, "."), gap=2), rx.fragment())


def _news() -> rx.Component:
    def one(version: Any) -> rx.Component:
        return ui.stack(rx.el.strong(version.number, class_name="af-small"), rx.el.p(version.changelog, class_name="af-small"), gap=1)

    return ui.section("What is new", ui.stack(rx.foreach(_state.versions, one), gap=3))


def _workflow(one: Any) -> rx.Component:
    same = ui.muted("Nothing but the places of steps.")
    changes = ui.stack(
        rx.foreach(one.steps, step_change),
        edge_changes("Connected", "added", one.connected),
        edge_changes("Cut", "removed", one.cut),
        gap=2,
    )
    return ui.section(f"Steps of {one.name}", rx.cond(one.is_same, same, changes))


def _line(label: str, text: Any) -> rx.Component:
    return rx.cond(text != "", rx.el.p(rx.el.strong(label), text, class_name="af-small"), rx.fragment())


def _clash(one: Any) -> rx.Component:
    def side(label: str, text: Any) -> rx.Component:
        return ui.stack(ui.muted(label), rx.el.span(rx.cond(text != "", text, "nothing"), class_name="af-small af-clash-side"), gap=1)

    where = rx.el.span(one.where, " · ", one.step, " · ", one.field)
    sides = rx.el.div(side("Here", one.here), side("New version", one.there), class_name="af-clash-sides")
    return ui.stack(rx.el.strong(where, class_name="af-small"), sides, gap=1)


def _whose() -> rx.Component:
    words = rx.match(_state.take, *[(key, ui.muted(told)) for key, _, told in TAKES], rx.fragment())
    choice = ui.segmented(
        [(key, label) for key, label, _ in TAKES], value=_state.take, on_change=_state.set_take, label="Whose changes count"
    )
    clashes = rx.cond(
        ui.length_of(_state.clashes) > 0,
        ui.stack(ui.muted("Changed here and by the new version:"), rx.foreach(_state.clashes, _clash), gap=3),
        ui.muted("You changed this copy, but nowhere the same as the new version."),
    )
    return ui.section("Your changes", ui.stack(choice, rx.fragment(words), clashes, gap=3))


def update_dialog() -> rx.Component:
    """Everything before it happens."""
    update = _state.update
    wider = rx.cond(
        ui.length_of(update.widened) > 0,
        ui.callout(permission_list(update.widened), title="It will newly be able to", tone="amber"),
        ui.muted("It may do nothing that the version you have may not."),
    )
    agents = rx.cond(
        ui.length_of(update.agents) > 0,
        ui.section("Agents", rx.el.ul(rx.foreach(update.agents, rx.el.li), class_name="af-small")),
        rx.fragment(),
    )
    inside = ui.stack(
        wider,
        credential_questions(),
        _news(),
        rx.foreach(_state.workflows, _workflow),
        agents,
        _line("Comes along: ", update.added),
        _line("No part of it any more, stays as yours: ", update.left),
        rx.cond(update.has_own, _whose(), rx.fragment()),
        ui.muted("What you have now is kept in the history of each workflow."),
        gap=5,
    )
    return ui.dialog(
        f"Update {update.name} from {update.before} to {update.after}",
        inside,
        open=_state.is_open,
        on_open_change=_state.set_open,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button("Update", variant="primary", loading=_state.is_updating, on_click=_state.apply),
        ),
        width="640px",
        asked_by="update",
    )
