"""The history panel: versions as a list, one of them compared in words while the canvas shows it, naming and going back."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, editor_var
from components.canvas.changes import edge_changes, field_change
from components.canvas.dock import DockPane, pane_head, with_revision
from pages.workflow.history_state import HistoryState

_state: Any = HistoryState  # its attributes are Vars, which the type of the class does not say


def _may_edit() -> Any:
    """Whether this person may change the workflow, also when that changed while the pane is open."""
    return _state.can_edit & editor_var("doc", dict[str, bool])["canEdit"]


def history_pane() -> rx.Component:
    """The pane; it reads the list when it opens."""
    body = rx.cond(_state.chosen.id != "", _comparison(), _list())
    inner = rx.el.div(body, class_name="af-dock-body af-history", on_mount=_state.load)
    return DockPane.create(pane_head("History"), inner, name="history", label="History")


def _list() -> rx.Component:
    only = rx.el.label(
        rx.el.input(type="checkbox", checked=_state.named_only, on_change=_state.set_named_only, class_name="af-checkbox"),
        rx.el.span("Named versions only"),
        class_name="af-row af-small",
    )
    more = rx.cond(_state.has_more, ui.button("Show older versions", size="sm", variant="ghost", on_click=_state.more))
    none = rx.cond(
        _state.named_only & (_state.versions.length() == 0),
        ui.empty_state("No named versions", "Give a version a name to find it again.", icon="tag", compact=True, framed=False),
    )
    words = ui.muted("A version is kept before a changed workflow runs, while you edit, and when you name one.", class_name="af-small")
    rows = rx.el.ol(rx.foreach(_state.versions, _row), class_name="af-history-list")
    return ui.stack(words, only, rows, none, more, gap=3)


def _row(item: Any) -> rx.Component:
    words = rx.el.button(
        rx.el.strong(item.title),
        rx.cond(item.note != "", rx.el.span(item.note, class_name="af-history-note")),
        rx.el.span(item.told, class_name="af-history-told"),
        type="button",
        on_click=_state.show(item.id),
        class_name="af-history-open",
    )
    name = ui.icon_button(
        "tag", label=f"Name {item.title}", size="sm", tip=False, title="Give it a name", on_click=_state.ask_name(item.id)
    )
    line = rx.el.div(words, rx.cond(_may_edit(), name), class_name="af-history-line")
    kind = rx.cond(
        item.is_draft, "af-history-item af-history-draft", rx.cond(item.name != "", "af-history-item af-history-named", "af-history-item")
    )
    return rx.el.li(line, rx.cond(_may_edit() & (_state.naming == item.id), _name_form(item)), class_name=kind, key=item.id)


def _name_form(item: Any) -> rx.Component:
    fields = ui.stack(
        rx.el.input(
            name="name",
            default_value=item.name,
            placeholder="Name, such as Before the summer campaign",
            aria_label="Name of the version",
            max_length=120,
            auto_focus=True,
            class_name="af-input",
        ),
        rx.el.textarea(
            name="note",
            default_value=item.note,
            placeholder="What is special about it (optional)",
            aria_label="Note",
            rows="2",
            max_length=2000,
            class_name="af-input",
        ),
        rx.cond(_state.problem != "", rx.el.div(_state.problem, class_name="af-error", role="alert")),
        ui.row(
            ui.button("Keep the name", size="sm", variant="primary", type="submit"),
            ui.button("Cancel", size="sm", on_click=_state.ask_name("")),
        ),
        gap=2,
    )
    return rx.el.form(fields, on_submit=_state.name, class_name="af-history-form")


def _comparison() -> rx.Component:
    found = _state.comparison
    head = ui.row(
        ui.icon_button("arrow_left", label="Back to the list", size="sm", tip=False, on_click=_state.back),
        rx.el.strong(found.title, class_name="af-truncate"),
        gap=2,
    )
    sides = rx.cond(
        _state.chosen.is_draft,
        rx.fragment(),
        ui.segmented(
            (("draft", "Since then"), ("previous", "In this version")),
            value=_state.against,
            on_change=_state.set_against,
            label="Compare",
        ),
    )
    same = rx.cond(
        found.words != "",
        rx.fragment(),
        ui.empty_state("Nothing differs", "At most steps stand elsewhere.", icon="equal", compact=True, framed=False),
    )
    return ui.stack(
        head, sides, rx.cond(found.words != "", ui.muted(found.words)), _restore(), rx.cond(found.is_same, same, _changes()), gap=3
    )


def _restore() -> rx.Component:
    words = ui.muted("The draft is kept as a version first, and Undo takes it back.", class_name="af-small")
    button = ui.button("Go back to this version", icon="history", size="sm", on_click=with_revision(_state.restore))
    return rx.cond(_may_edit() & ~_state.chosen.is_draft, ui.stack(rx.el.div(button), words, gap=1))


def _changes() -> rx.Component:
    found = _state.comparison
    hidden = rx.cond(found.hidden > 0, ui.muted(f"and {found.hidden} more steps"))
    own = rx.cond(found.own.length() > 0, rx.el.section(rx.el.h3("Workflow"), rx.foreach(found.own, field_change), class_name="af-change"))
    return ui.stack(
        rx.foreach(found.steps, _step),
        own,
        edge_changes("Connected", "added", found.edges_added),
        edge_changes("Cut", "removed", found.edges_removed),
        hidden,
        gap=2,
    )


def _step(step: Any) -> rx.Component:
    head = rx.el.button(
        rx.el.strong(step.label),
        rx.el.span(step.kind_title, class_name="af-history-told"),
        rx.el.span(step.change, class_name=f"af-change-mark af-change-{step.change}"),
        type="button",
        on_click=act("reveal", step.node),
        class_name="af-change-head",
        title="Show it on the canvas",
    )
    return rx.el.section(
        head, rx.foreach(step.fields, field_change), class_name="af-change", custom_attrs={"data-step": step.node}, key=step.node
    )
