"""The cards of the list, the questions of their menus, and the import dialog."""

from typing import Any

import reflex as rx

from components import ui
from components.shell.rights import for_makers
from pages.workflows.import_state import ImportState
from pages.workflows.state import WorkflowsState

_state: Any = WorkflowsState  # its attributes are Vars, which the type of the class does not say
_import: Any = ImportState
_ACTIONS = {"create": "new", "reuse": "already here, the same", "rename": "new, under another short name"}
FILE_TYPES = {"application/yaml": [".yaml", ".yml"]}


def workflow_card(card: Any) -> rx.Component:
    """A workflow: its picture leads to the editor; last run, problems and a menu below."""
    run = rx.cond(
        card.run_status != "",
        ui.link(ui.muted("Last run"), ui.status_badge(card.run_status), href=card.run_href, title=card.run_words, class_name="af-card-run"),
        ui.muted("Never run"),
    )
    problems = rx.cond(card.error_count > 0, ui.badge(f"{card.error_count} to mend", tone="red"), rx.fragment())
    words = ui.stack(
        ui.link(card.name, href=card.href, class_name="af-card-title af-truncate af-card-main"),
        ui.muted(card.nodes, " · ", card.updated),
        rx.cond(card.origin != "", _origin(card), rx.fragment()),
        gap=1,
    )
    private = rx.cond(card.is_private, ui.badge("private", icon="lock"), rx.fragment())
    foot = ui.row(run, problems, private, ui.spacer(), _menu(card), gap=2)
    return rx.el.article(
        ui.miniature(card.miniature),
        rx.el.div(words, foot, class_name="af-template-body"),
        class_name="af-card af-card-flush af-card-over af-workflow-card",
        key=card.id,
        custom_attrs={"data-workflow": card.id},
    )


def _origin(card: Any) -> rx.Component:
    """Which listing it came from, and the way to a newer version of it."""
    update = ui.link("Update to ", card.newer, href=card.origin_href, class_name="af-card-run af-link af-small af-nowrap")
    named = rx.cond(
        card.origin_href != "",
        ui.link(card.origin, href=card.origin_href, class_name="af-card-run af-small af-truncate"),
        rx.el.span(card.origin, class_name="af-truncate"),
    )
    return ui.row(
        rx.el.span("from ", named, class_name="af-muted af-small af-truncate"),
        rx.cond((card.newer != "") & (card.origin_href != ""), update, rx.fragment()),
        gap=2,
    )


def _menu(card: Any) -> rx.Component:
    trigger = ui.icon_button("ellipsis", label=f"More about {card.name}", size="sm", tip=False)
    return ui.menu(
        trigger,
        ui.menu_item("Open", icon="square_pen", on_click=rx.redirect(card.href)),
        for_makers(
            ui.menu_item("Rename", icon="pencil", on_click=_state.ask("rename", card.id)),
            ui.menu_item("Duplicate", icon="copy_plus", on_click=_state.duplicate(card.id)),
        ),
        ui.menu_item("Triggers", icon="alarm_clock", on_click=rx.redirect(f"/triggers?workflow={card.id}")),
        ui.menu_item("Export as YAML", icon="download", on_click=_state.export(card.id)),
        for_makers(
            ui.menu_separator(),
            ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.ask("delete", card.id)),
        ),
        align="end",
    )


def questions() -> rx.Component:
    """Rename and delete."""
    rename = ui.dialog(
        "Rename the workflow",
        ui.text_field("Name", name="workflow-name", value=_state.asked_name, on_change=_state.set_asked_name, error=_state.name_error),
        open=_state.asked == "rename",
        on_open_change=_state.set_asking,
        footer=(ui.dialog_close(ui.button("Cancel")), ui.button("Rename", variant="primary", on_click=_state.rename)),
    )
    delete = ui.confirm(
        "Delete this workflow?",
        description=rx.cond(
            _state.asked_name != "", f"“{_state.asked_name}” leaves the list. Its runs stay readable.", "Its runs stay readable."
        ),
        confirm_label="Delete",
        on_confirm=_state.delete,
        open=_state.asked == "delete",
        on_open_change=_state.set_asking,
    )
    return rx.fragment(rename, delete)


# --- import ----------------------------------------------------------------------------------------------------------------


def import_dialog() -> rx.Component:
    """Paste or choose a blueprint, see what it brings, bring it in."""
    foot = (
        rx.cond(_import.has_preview, ui.button("Back", variant="ghost", on_click=_import.back), rx.fragment()),
        ui.spacer(),
        ui.dialog_close(ui.button("Cancel")),
        rx.cond(
            _import.has_preview,
            ui.button("Import", icon="download", variant="primary", loading=_import.is_busy, on_click=_import.bring_in, id="import-now"),
            ui.button("Look at it", variant="primary", loading=_import.is_busy, on_click=_import.look, id="import-look"),
        ),
    )
    return ui.dialog(
        "Import a blueprint",
        rx.cond(_import.has_preview, _preview(), _source()),
        description="A YAML file with workflows and the agents they use. Nothing runs while it is read.",
        open=_import.is_open,
        on_open_change=_import.set_open,
        footer=foot,
        width="640px",
    )


def _source() -> rx.Component:
    choose = rx.upload(
        ui.stack(
            rx.icon("file_up", size=20, aria_hidden="true"),
            rx.el.span("Choose a YAML file, or drop it here"),
            gap=1,
            class_name="af-drop-words",
        ),
        id="blueprint-file",
        accept=FILE_TYPES,
        max_files=1,
        max_size=2_000_000,
        multiple=False,
        on_drop_rejected=lambda refused: _import.refuse_files(_reasons(refused)),
        on_drop=_import.take(rx.upload_files(upload_id="blueprint-file")),
        class_name="af-drop",
    )
    paste = ui.text_area(
        "Or paste it",
        name="blueprint-text",
        value=_import.text,
        on_change=_import.set_text,
        rows=10,
        placeholder="apiVersion: agentfactory/v1",
        spell_check=False,
    )
    listed = rx.el.ul(rx.foreach(_import.problems, lambda words: rx.el.li(words)), class_name="af-told")
    told = rx.el.div(ui.callout(_import.problem, rx.cond(_import.problems.length() > 0, listed), tone="red"), role="alert")
    return ui.stack(rx.cond(_import.problem != "", told), choose, rx.el.div(paste, class_name="af-source-text"), gap=4)


def _reasons(refused: Any) -> rx.Var[str]:
    """Why the browser took no file, as codes; the file itself would go out with the event otherwise, however large it is."""
    return rx.Var(f"{refused!s}.flatMap((one) => one.errors.map((error) => error.code)).join(' ')", _var_type=str)


def _preview() -> rx.Component:
    def workflow(one: Any) -> rx.Component:
        taken = ui.callout(
            "You have a workflow of this name already. It stays as it is; this one comes beside it as “",
            rx.el.strong(one.target),
            "”.",
            tone="amber",
        )
        steps = ui.muted(one.node_count, rx.cond(one.node_count == 1, " step", " steps"))
        words = ui.stack(rx.el.strong(one.name), steps, rx.cond(one.target != one.name, taken), gap=1)
        return ui.stack(ui.miniature(one.miniature), words, key=one.slug)

    def agent(one: Any) -> rx.Component:
        action = rx.match(one.action, *_ACTIONS.items(), one.action)
        return ui.row(rx.icon("bot", size=15, aria_hidden="true"), rx.el.strong(one.name), ui.muted(one.model, " · ", action), gap=2)

    def line(one: Any) -> rx.Component:
        return ui.row(rx.icon("shield_check", size=15, aria_hidden="true"), rx.el.span(one.title), ui.muted(one.detail), gap=2)

    def listed(title: str, items: Any, draw: Any) -> rx.Component:
        return rx.cond(ui.length_of(items) > 0, ui.stack(rx.el.h4(title), rx.foreach(items, draw), gap=2))

    return ui.stack(
        rx.el.h3(_import.title),
        rx.cond(_import.description != "", ui.muted(_import.description)),
        rx.foreach(_import.workflows, workflow),
        listed("Agents", _import.agents, agent),
        listed("What it may do", _import.permissions, line),
        rx.foreach(_import.faults, lambda words: ui.callout(words, tone="amber")),
        gap=4,
    )
