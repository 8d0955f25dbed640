"""The head of the agent page: name, saved state, history, save; and the comparison after a stale save."""

import reflex as rx

from app.views.agents import AgentVersionRow, FieldChange
from components import ui
from pages.agent.form_state import AgentFormState
from pages.agent.history_state import AgentHistoryState
from pages.agent.schema_state import AgentSchemaState
from pages.sharing.parts import share_button

_agent = AgentFormState.agent


def agent_header() -> rx.Component:
    """One line above form and chat."""
    name = rx.cond(AgentFormState.draft.name != "", AgentFormState.draft.name, "New agent")
    back = ui.link(rx.icon("arrow_left", size=16, aria_hidden="true"), href="/agents", aria_label="All agents", class_name="af-back")
    words = rx.el.div(rx.el.h1(name, class_name="af-truncate"), _state(), class_name="af-agent-title")
    actions = rx.cond(_agent.can_edit, _actions(), ui.badge("view only"))
    return rx.el.header(back, words, ui.spacer(), _share(), actions, class_name="af-agent-bar")


def _share() -> rx.Component:
    return rx.cond(_agent.id != "", share_button("agent"), rx.fragment())


def _state() -> rx.Component:
    saved = rx.el.span(f"Version {_agent.version} · saved {_agent.saved} by {_agent.saved_by}", class_name="af-truncate")
    dirty = rx.el.span(rx.el.span(class_name="af-dirty-dot", aria_hidden="true"), "Unsaved changes", class_name="af-dirty")
    slug = rx.el.span("Workflows call it ", rx.el.code(_agent.slug), class_name="af-agent-slug")
    return rx.el.div(
        rx.cond(AgentFormState.is_dirty, dirty, rx.cond(_agent.id != "", saved, "Not saved yet")),
        rx.cond(_agent.id != "", slug, rx.fragment()),
        class_name="af-row af-muted af-small af-agent-state",
        aria_live="polite",
    )


def _actions() -> rx.Component:
    undo = [AgentFormState.discard, AgentSchemaState.load]
    discard = ui.button("Discard", variant="ghost", on_click=undo, class_name="af-hide-narrow")
    can_save = AgentFormState.is_dirty | (_agent.id == "")
    save = ui.button(
        rx.cond(_agent.id != "", "Save", "Create"),
        variant="primary",
        on_click=AgentFormState.save,
        loading=AgentFormState.is_saving,
        disabled=rx.cond(can_save, False, True),
        title="Ctrl+S",
        id="save-agent",
    )
    return ui.row(
        rx.cond(AgentFormState.is_dirty & (_agent.id != ""), discard, rx.fragment()),
        rx.cond(_agent.id != "", _history(), rx.fragment()),
        save,
    )


def _history() -> rx.Component:
    rows = rx.el.ol(rx.foreach(AgentHistoryState.versions, _version), class_name="af-versions")
    return rx.popover.root(
        rx.popover.trigger(ui.icon_button("history", label="Versions", tip=False, title="Versions")),
        rx.popover.content(rx.el.h2("Versions", class_name="af-popover-title"), rows, width="340px", align="end", side_offset=6),
        open=AgentHistoryState.is_open,
        on_open_change=AgentHistoryState.set_open,
    )


def _version(row: rx.vars.ObjectVar[AgentVersionRow]) -> rx.Component:
    changes = rx.cond(row.changes.length() > 0, row.changes.join(", "), rx.cond(row.number == 1, "First version", "Saved"))
    restore = ui.button("Restore", size="sm", on_click=AgentHistoryState.restore(row.number), disabled=AgentFormState.is_dirty)
    return rx.el.li(
        rx.el.div(
            rx.el.div(rx.el.b(f"Version {row.number}"), " ", rx.el.span(changes, class_name="af-muted"), class_name="af-small"),
            rx.el.div(f"{row.saved} by {row.saved_by}", title=row.saved_at, class_name="af-muted af-small"),
        ),
        rx.cond(row.is_current, ui.badge("current", tone="accent"), restore),
        key=row.number.to_string(),
    )


def conflict_dialog() -> rx.Component:
    """What both sides changed since the form was opened, with a choice where they clash."""
    conflict = AgentFormState.conflict
    return ui.dialog(
        "Somebody saved meanwhile",
        rx.el.div(rx.foreach(conflict.changes, _change), class_name="af-changes"),
        open=conflict.current_version > 0,
        on_open_change=AgentHistoryState.close_conflict,
        description=f"{conflict.saved_by} saved version {conflict.current_version} {conflict.saved}. Nothing of yours is lost: "
        "changes of different fields are put together, and where you both changed the same field you choose.",
        footer=(
            ui.button("Keep editing", variant="ghost", on_click=AgentHistoryState.close_conflict(False)),
            ui.button("Discard mine", variant="danger", on_click=AgentHistoryState.take_theirs),
            ui.button("Merge and save", variant="primary", on_click=AgentHistoryState.merge),
        ),
        width="680px",
    )


def _change(change: rx.vars.ObjectVar[FieldChange]) -> rx.Component:
    kept = rx.cond(change.is_clash & (AgentHistoryState.picks[change.field] == "theirs"), "theirs", change.keeps)

    def side(key: str, label: str, text: rx.vars.StringVar[str]) -> rx.Component:
        words = (rx.el.span(label, class_name="af-tool-label"), rx.el.span(text, class_name="af-change-text"))
        choose = rx.el.button(
            *words,
            type="button",
            role="radio",
            aria_checked=kept == key,
            on_click=AgentHistoryState.pick(change.field, key),
            class_name="af-change-side",
        )
        plain = rx.el.div(*words, class_name="af-change-side", custom_attrs={"data-kept": rx.cond(kept == key, "true", "false")})
        return rx.cond(change.is_clash, choose, plain)

    is_yours = change.yours_text != change.theirs_text
    note = rx.cond(change.is_clash, ui.badge("both changed it", tone="amber"), rx.fragment())
    sides = rx.el.div(
        side("theirs", "Theirs", change.theirs_text),
        rx.cond(is_yours, side("yours", "Yours", change.yours_text)),
        class_name="af-change-sides",
    )
    return rx.el.div(rx.el.div(rx.el.b(change.label), note, class_name="af-row"), sides, class_name="af-clash", key=change.field)
