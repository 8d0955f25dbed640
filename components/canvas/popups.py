"""What opens at the pointer or above the canvas: quick-add, context menus, the search, the cheat sheet and short messages."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act, act_with, browser_keys, editor_var
from components.canvas.palette import KindLook, elsewhere_hint, kind_tile


@dataclass(frozen=True)
class KindOffer(KindLook):
    """A kind that could follow; the first of a group has the group's name as its heading."""

    heading: str


@dataclass(frozen=True)
class Quick:
    """The quick-add at a point of the screen."""

    x: float
    y: float
    wire: str
    search: str
    prompt: str
    index: int
    items: list[KindOffer]
    hint: str


@dataclass(frozen=True)
class MenuEntry:
    """One line of a context menu."""

    key: str
    act: str
    label: str
    icon: str
    hint: str
    danger: bool
    isLine: bool  # noqa: N815 - the browser's name


@dataclass(frozen=True)
class Menu:
    """A context menu at a point of the screen."""

    x: float
    y: float
    items: list[MenuEntry]


@dataclass(frozen=True)
class Found:
    """A step that fits the search."""

    id: str
    label: str
    hint: str
    icon: str
    tone: str


@dataclass(frozen=True)
class Find:
    """The search over the steps of this workflow."""

    query: str
    words: str
    index: int
    results: list[Found]


@dataclass(frozen=True)
class Notice:
    """A short message, perhaps with something to do about it."""

    text: str
    label: str
    canClose: bool  # noqa: N815 - as editor.js calls it


MENU_ICONS = (
    "plus",
    "trash_2",
    "maximize",
    "search",
    "box_select",
    "sticky_note",
    "clipboard",
    "network",
    "pencil",
    "copy_plus",
    "copy",
    "scissors",
    "align_left",
    "align_top",
    "distribute",
    "play",
    "step_forward",
    "skip_forward",
    "list_start",
    "pin",
    "pin_off",
    "eye",
    "history",
    "spline",
    "replace",
    "group",
)
_LUCIDE = {
    "align_left": "align_start_vertical",
    "align_top": "align_start_horizontal",
    "distribute": "align_horizontal_distribute_center",
    "box_select": "square_dashed_mouse_pointer",
}


def menu_icon(name: Any) -> Any:
    """The icon of a menu entry, out of MENU_ICONS."""
    icons = [(icon, rx.icon(_LUCIDE.get(icon, icon), size=15, aria_hidden="true")) for icon in MENU_ICONS]
    return rx.match(name, *icons, rx.fragment())


def _spot(place: Any) -> dict[str, Any]:
    return {"left": f"{place.x}px", "top": f"{place.y}px"}


def _option(look: Any, words: rx.Component, *, is_chosen: Any, on_click: Any, key: Any) -> rx.Component:
    """One line of a list that is searched: the tile of its kind and words."""
    tile = kind_tile(look.icon, look.tone)
    return rx.el.button(
        tile,
        words,
        type="button",
        role="option",
        aria_selected=is_chosen,
        on_click=on_click,
        class_name="af-kind",
        key=key,
        custom_attrs={"data-kind": key},
    )


def _search(value: Any, on_change: Any, *, placeholder: ui.Text, label: ui.Text, keys: dict[str, tuple[Any, ...]]) -> rx.Component:
    """The field above such a list; arrows and Enter choose in it."""
    return rx.el.input(
        value=value,
        on_change=on_change,
        auto_focus=True,
        placeholder=placeholder,
        aria_label=label,
        class_name="af-quick-input",
        custom_attrs={"onKeyDown": browser_keys(keys)},
    )


@rx.memo
def quick_add() -> rx.Component:
    """What could follow: opens where an edge is dropped, on the "+" of an edge, on double click and with A."""
    quick = editor_var("quick", Quick)

    def entry(kind: rx.vars.ObjectVar[KindOffer], index: rx.Var[int]) -> rx.Component:
        title, help = rx.el.span(kind.title, class_name="af-kind-title"), rx.el.span(kind.summary, class_name="af-kind-help")
        words = rx.el.span(title, help, class_name="af-node-words")
        option = _option(kind, words, is_chosen=index == quick.index, on_click=act("quickPick", kind.kind), key=kind.kind)
        heading = rx.cond(kind.heading != "", rx.el.div(kind.heading, class_name="af-kind-group", role="presentation"))
        return rx.fragment(heading, option, key=kind.kind)

    keys = {"ArrowDown": ("quickStep", 1), "ArrowUp": ("quickStep", -1), "Enter": ("quickPick",)}
    search = _search(quick.search, act_with("quickSearch"), placeholder=quick.prompt, label=quick.prompt, keys=keys)
    nothing = rx.el.p("Nothing fits. Try another word.", class_name="af-panel-empty")
    body = rx.cond(quick["items"].length() > 0, rx.foreach(quick["items"], entry), nothing)
    hint = rx.cond(quick.hint, elsewhere_hint(quick.hint))
    listed = rx.el.div(body, class_name="af-panel-list", role="listbox")
    box = rx.el.div(search, hint, listed, class_name="af-popup af-quick", style=_spot(quick))
    wire = rx.el.svg(rx.el.svg.path(d=quick.wire, fill="none"), class_name="af-quick-wire", aria_hidden="true")
    return rx.cond(quick, rx.fragment(_backdrop("quick"), rx.cond(quick.wire != "", wire), box))


def _backdrop(name: str) -> rx.Component:
    """A click beside the popup closes it."""
    return rx.el.div(class_name="af-popup-back", custom_attrs={"onPointerDown": act("escape"), "data-of": name})


@rx.memo
def context_menu() -> rx.Component:
    """The menu of a step, an edge or the empty canvas."""
    menu = editor_var("menu", Menu)

    def entry(item: rx.vars.ObjectVar[MenuEntry]) -> rx.Component:
        line = rx.el.div(class_name="af-divider", role="separator")
        button = rx.el.button(
            menu_icon(item.icon),
            rx.el.span(item.label),
            rx.el.kbd(item.hint, class_name="af-menu-hint"),
            type="button",
            role="menuitem",
            on_click=act("menu", item),
            class_name=rx.cond(item.danger, "af-menu-entry af-danger", "af-menu-entry"),
        )
        return rx.cond(item.isLine, line, button)

    box = rx.el.div(rx.foreach(menu["items"], entry), class_name="af-popup af-context", style=_spot(menu), role="menu")
    return rx.cond(menu, rx.fragment(_backdrop("menu"), box))


@rx.memo
def find_bar() -> rx.Component:
    """Ctrl-F: finds steps by name, id, kind and what is written in them."""
    find = editor_var("find", Find)

    def result(found: rx.vars.ObjectVar[Found], index: rx.Var[int]) -> rx.Component:
        words = rx.fragment(
            rx.el.span(found.label, class_name="af-kind-title af-truncate"), rx.el.span(found.hint, class_name="af-kind-help")
        )
        return _option(found, words, is_chosen=index == find.index, on_click=act("findGo", found.id), key=found.id)

    keys = {"ArrowDown": ("findStep", 1), "ArrowUp": ("findStep", -1), "Enter": ("findGo",)}
    search = _search(find.query, act_with("search"), placeholder="Find a step", label="Find a step", keys=keys)
    head = rx.el.div(search, rx.el.span(find.words, class_name="af-kind-help"), class_name="af-find-head")
    close = ui.icon_button("x", label="Close the search", size="sm", on_click=act("findClose"), tip=False)
    results = rx.el.div(rx.foreach(find.results, result), class_name="af-panel-list", role="listbox")
    return rx.cond(
        find, rx.el.div(rx.el.div(head, close, class_name="af-panel-head"), results, class_name="af-popup af-find", role="search")
    )


SHEET: dict[str, dict[str, str]] = {
    "Add and connect": {
        "A": "Add a step after the selected one",
        "Double click": "Add a step here",
        "Drag from a dot": "Connect, or drop on the canvas to add",
        "C": "Connect the selected step to another",
        "P": "Palette",
    },
    "Edit": {
        "Ctrl Z": "Undo",
        "Ctrl Shift Z": "Redo",
        "Ctrl C / X / V": "Copy, cut, paste",
        "Ctrl D": "Duplicate",
        "R": "Replace with another kind of step",
        "G": "Put into a container",
        "F2": "Rename",
        "Del": "Delete",
    },
    "Select and move": {
        "Click, Ctrl click": "Select one, several",
        "Shift drag": "Select with a frame",
        "Ctrl A": "Select all",
        "Arrows": "Move the selection",
        "Shift arrows": "Move it further",
        "Ctrl arrows": "Go to the next step",
    },
    "Look around": {
        "Drag, wheel": "Move, zoom",
        "+ / -": "Zoom in, out",
        "0": "Actual size",
        "1": "Show everything",
        "Ctrl F": "Find a step",
        "Ctrl Shift L": "Tidy up",
        "F": "Problems",
        "Ctrl Enter": "Run the workflow",
        "Ctrl K": "Go anywhere",
        "?": "This list",
    },
}


@rx.memo
def cheat_sheet() -> rx.Component:
    """All shortcuts."""
    is_open = editor_var("sheet", bool)
    columns = [
        rx.el.section(
            rx.el.h3(title),
            *[
                rx.el.div(rx.el.span(words), rx.el.kbd(keys, class_name="af-kbd"), class_name="af-sheet-row")
                for keys, words in rows.items()
            ],
        )
        for title, rows in SHEET.items()
    ]
    return ui.dialog(
        "Keyboard and mouse", rx.el.div(*columns, class_name="af-sheet"), open=is_open, on_open_change=act("sheet"), width="720px"
    )


@rx.memo
def notice_bar() -> rx.Component:
    """Short messages above the tool bar."""
    notice = editor_var("notice", Notice)
    action = rx.cond(notice.label, rx.el.button(notice.label, type="button", on_click=act("notice"), class_name="af-notice-act"))
    close = rx.cond(notice.canClose, rx.el.button("Close", type="button", on_click=act("closeNotice"), class_name="af-notice-act"))
    shown = rx.el.div(notice.text, action, close, class_name="af-notice")
    return rx.el.div(rx.cond(notice, shown), class_name="af-notices", role="status")
