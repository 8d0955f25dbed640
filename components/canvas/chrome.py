"""What frames the canvas: the bar with name, saved state and actions, the tools at the bottom, and the list of findings."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, act_with, editor_var
from components.canvas.palette import kind_tile
from components.forms import bare_input


@dataclass(frozen=True)
class Doc:
    """The open workflow."""

    id: str
    name: str
    description: str
    canEdit: bool  # noqa: N815 - the browser's names
    canRun: bool  # noqa: N815


@dataclass(frozen=True)
class Save:
    """Whether everything is saved, and the words for it."""

    status: str
    words: str


@dataclass(frozen=True)
class Undo:
    """What can be taken back, and done again."""

    can: bool
    label: str
    canRedo: bool  # noqa: N815 - the browser's names
    redoLabel: str  # noqa: N815


@dataclass(frozen=True)
class Counts:
    """Findings in numbers and words."""

    errors: int
    warnings: int
    nodes: int
    words: str


@dataclass(frozen=True)
class FixLook:
    """A way to mend a finding with one click."""

    label: str
    edits: list[dict[str, str]]


@dataclass(frozen=True)
class FindingLook:
    """One finding with the step it stands at."""

    key: str
    code: str
    message: str
    remedy: str
    severity: str
    node: str
    field: str
    label: str
    icon: str
    tone: str
    href: str
    fixes: list[FixLook]


@rx.memo
def save_state() -> rx.Component:
    """Saved, Saving, Offline: calm, always there."""
    save = editor_var("save", Save)
    return rx.el.span(
        rx.el.span(class_name="af-save-dot", aria_hidden="true"),
        save.words,
        class_name=f"af-save af-save-{save.status}",
        role="status",
        custom_attrs={"data-save": save.status},
    )


@rx.memo
def workflow_name() -> rx.Component:
    """The name, edited in place."""
    doc = editor_var("doc", Doc)
    return bare_input(
        label="Workflow name",
        value=doc.name,
        on_change=act_with("setName"),
        on_empty=act("nameless"),
        small=False,
        disabled=~doc.canEdit,
        max_length=120,
        spell_check=False,
        id="af-workflow-name",
    )


@rx.memo
def undo_buttons() -> rx.Component:
    """Undo and redo, with what they would do in their names."""
    undo, doc = editor_var("undo", Undo), editor_var("doc", Doc)

    def button(icon: str, name: str, can: rx.Var[bool], what: rx.Var[str]) -> rx.Component:
        words = rx.cond(can, f"{name}: {what}", f"Nothing to {name.lower()}")
        return rx.el.button(
            rx.icon(icon, size=16, aria_hidden="true"),
            type="button",
            title=words,
            aria_label=name,
            disabled=~can,
            on_click=act(name.lower()),
            class_name="af-button af-button-ghost af-icon-button",
        )

    back = button("undo_2", "Undo", undo.can & doc.canEdit, undo.label)
    return rx.fragment(back, button("redo_2", "Redo", undo.canRedo & doc.canEdit, undo.redoLabel))


@rx.memo
def findings_button() -> rx.Component:
    """How many findings; opens the list."""
    counts = editor_var("counts", Counts)
    tone = rx.cond(counts.errors > 0, "error", rx.cond(counts.warnings > 0, "hint", "good"))
    icon = rx.match(
        tone,
        ("error", rx.icon("circle_alert", size=15, aria_hidden="true")),
        ("hint", rx.icon("triangle_alert", size=15, aria_hidden="true")),
        rx.icon("circle_check", size=15, aria_hidden="true"),
    )
    return rx.el.button(
        icon,
        rx.el.span(counts.words, class_name="af-wide-only"),
        type="button",
        on_click=act("panel", "findings"),
        title="What the checker found",
        aria_label=counts.words,
        class_name=f"af-button af-button-ghost af-checks af-checks-{tone}",
    )


def fix_buttons(fixes: Any) -> rx.Component:
    """What mends a finding with one click; an edit like any other, so that Undo takes it back."""
    one = lambda fix: ui.button(fix.label, icon="wand_sparkles", size="sm", on_click=act("fix", fix), class_name="af-fix")  # noqa: E731
    return rx.cond(fixes.length() > 0, rx.el.div(rx.foreach(fixes, one), class_name="af-fixes"))


@rx.memo
def findings_panel() -> rx.Component:
    """The checker's findings; a click leads to the step and the field."""
    panel = editor_var("panel", str)
    findings = editor_var("findings", list[FindingLook])
    counts = editor_var("counts", Counts)
    doc = editor_var("doc", Doc)

    def entry(finding: rx.vars.ObjectVar[FindingLook]) -> rx.Component:
        words = rx.el.span(
            rx.el.span(finding.label, class_name="af-kind-help"),
            rx.el.span(finding.message, class_name="af-finding-message"),
            rx.cond(finding.remedy, rx.el.span(finding.remedy, class_name="af-finding-remedy")),
            class_name="af-finding-words",
        )
        mark = rx.el.span(class_name=f"af-finding-mark af-finding-{finding.severity}", aria_label=finding.severity)
        place = rx.el.button(
            kind_tile(finding.icon, finding.tone),
            words,
            mark,
            type="button",
            on_click=act("jump", finding),
            class_name="af-finding",
        )
        way = rx.el.div(ui.link_button("Mend it there", href=finding.href, icon="arrow_right", size="sm"), class_name="af-fixes")
        return rx.el.div(place, rx.cond(doc.canEdit, fix_buttons(finding.fixes)), rx.cond(finding.href, way), key=finding.key)

    fine = ui.empty_state("No problems", "The workflow is ready to run.", icon="circle_check", framed=False, compact=True)
    head = rx.el.div(
        rx.el.h2(counts.words),
        ui.icon_button("x", label="Close the list", size="sm", on_click=act("panel", ""), tip=False),
        class_name="af-panel-head",
    )
    body = rx.el.div(rx.cond(findings.length() > 0, rx.foreach(findings, entry), fine), class_name="af-panel-list")
    return rx.cond(
        panel == "findings", rx.el.div(head, body, class_name="af-panel af-findings-panel", role="region", aria_label="Problems")
    )


def _tool(icon: str, label: str, name: str, size: ui.Size = "md") -> rx.Component:
    return ui.icon_button(icon, label=label, size=size, on_click=act(name), tip=False, title=label)


@rx.memo
def canvas_tools() -> rx.Component:
    """Zoom, fit, tidy, note, search, shortcuts."""
    zoom = editor_var("zoom", int)
    doc = editor_var("doc", Doc)

    add = rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        rx.el.span("Add step", class_name="af-wide-only"),
        type="button",
        on_click=act("palette"),
        title="Open the palette (P)",
        class_name="af-button af-button-ghost",
        id="af-open-palette",
    )
    line = rx.el.span(class_name="af-canvas-tools-line")
    edit = rx.fragment(add, _tool("sticky_note", "Add a note", "note"), _tool("network", "Tidy up (Ctrl Shift L)", "tidy"), line)
    level = rx.el.button(
        f"{zoom}%", type="button", on_click=act("zoom-100"), title="Actual size (0)", class_name="af-button af-button-ghost af-zoom"
    )
    return rx.el.div(
        rx.cond(doc.canEdit, edit),
        _tool("minus", "Zoom out (-)", "zoom-out"),
        level,
        _tool("plus", "Zoom in (+)", "zoom-in"),
        _tool("maximize", "Show everything (1)", "fit"),
        line,
        _tool("search", "Find a step (Ctrl F)", "find"),
        _tool("keyboard", "Shortcuts (?)", "sheet"),
        class_name="af-canvas-tools",
        role="toolbar",
        aria_label="Canvas",
    )


@rx.memo
def align_bar() -> rx.Component:
    """Appears while several steps are selected."""
    selection, doc = editor_var("selection", dict[str, list[str]]), editor_var("doc", Doc)
    chosen = selection["nodes"]

    def tool(icon: str, label: str, name: str) -> rx.Component:
        return _tool(icon, label, name, "sm")

    bar = rx.el.div(
        rx.el.span(f"{chosen.length()} selected", class_name="af-align-words"),
        tool("align_start_vertical", "Align left", "align-left"),
        tool("align_center_vertical", "Align centres", "align-center"),
        tool("align_end_vertical", "Align right", "align-right"),
        tool("align_start_horizontal", "Align top", "align-top"),
        tool("align_center_horizontal", "Align middles", "align-middle"),
        tool("align_end_horizontal", "Align bottom", "align-bottom"),
        tool("align_horizontal_distribute_center", "Distribute from left to right", "distribute-x"),
        tool("align_vertical_distribute_center", "Distribute from top to bottom", "distribute-y"),
        rx.el.span(class_name="af-canvas-tools-line"),
        tool("network", "Tidy up the selection", "tidy"),
        tool("copy_plus", "Duplicate", "duplicate"),
        tool("trash_2", "Delete", "remove"),
        class_name="af-canvas-tools af-align",
        role="toolbar",
        aria_label="Selection",
    )
    return rx.cond((chosen.length() > 1) & doc.canEdit, bar)


@rx.memo
def first_step() -> rx.Component:
    """What to do on an empty canvas, also when everything was removed; gone with the first step."""
    doc, counts = editor_var("doc", Doc), editor_var("counts", Counts)
    words = ui.muted(rx.cond(counts.nodes == 0, "It begins with Start, which is added too", "or drag from the dot of Start, or press A"))
    place = rx.cond(counts.nodes == 0, "af-first-step af-first-alone", "af-first-step")
    add = ui.button("Add the first step", icon="plus", size="sm", on_click=act("first"), id="add-first-step")
    return rx.cond((doc.id != "") & doc.canEdit & (counts.nodes < 2), rx.el.div(add, words, class_name=place))
