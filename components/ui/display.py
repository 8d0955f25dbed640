"""Cards, badges, avatars, keys and tables."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from components.ui.base import Event, Node, Text, Tone, classes
from components.ui.buttons import link


def card(*children: Node, class_name: str = "", **props: Any) -> rx.Component:
    """A bordered surface."""
    return rx.el.div(*children, class_name=classes("af-card", class_name), **props)


def card_link(*children: Node, href: Text, class_name: str = "", **props: Any) -> rx.Component:
    """A card that is one big link."""
    return link(*children, href=href, class_name=classes("af-card af-card-link", class_name), **props)


def card_button(*children: Node, on_click: Event, class_name: str = "", **props: Any) -> rx.Component:
    """A card that is one big button."""
    return rx.el.button(
        *children, type="button", on_click=on_click, class_name=classes("af-card af-card-link af-wide", class_name), **props
    )


def badge(*children: Node, tone: Tone = "neutral", icon: str | None = None, **props: Any) -> rx.Component:
    """A small label."""
    picture = [rx.icon(icon, size=12, aria_hidden="true")] if icon else []
    return rx.el.span(*picture, *children, class_name=classes("af-badge", f"af-tone-{tone}"), **props)


def status_badge(status: Text, **props: Any) -> rx.Component:
    """A run, step or approval status: coloured, with a shape beside the word so that colour is never alone."""
    name = f"af-badge af-status af-status-{status}"
    return rx.el.span(status, class_name=name, **props)


def avatar(initials: Text, *, size: int = 28, square: bool = False) -> rx.Component:
    """One or two letters in a disc (people) or a rounded square (workspaces)."""
    names = classes("af-avatar", "af-avatar-square" if square else "")
    return rx.el.span(initials, class_name=names, style={"--af-avatar": f"{size}px"}, aria_hidden="true")


def kbd(*keys: str) -> rx.Component:
    """A keyboard shortcut."""
    return rx.el.span(*[rx.el.kbd(key, class_name="af-kbd") for key in keys], class_name="af-row", style={"--af-gap": "3px"})


def table(headers: Sequence[Node], body: Node | Sequence[Node], *, label: str, keeps_columns: bool = False) -> rx.Component:
    """A table; `body` is one rx.foreach of `table_row`s or a list of them. A header of "" names an action column.

    On a phone each row becomes a few lines, the first cell on its own; `keeps_columns` is for what is read down a column.
    """
    heads = [head if isinstance(head, rx.el.Th) else rx.el.th(head, scope="col") for head in headers]
    rows = list(body) if isinstance(body, Sequence) and not isinstance(body, str) else [body]
    made = rx.el.table(rx.el.thead(rx.el.tr(*heads)), rx.el.tbody(*rows), class_name="af-table", aria_label=label)
    return rx.el.div(
        made, class_name=classes("af-table-wrap", "" if keeps_columns else "af-narrow-lines"), tab_index=0, role="region", aria_label=label
    )


def table_row(*cells: Node, on_click: Event | None = None, **props: Any) -> rx.Component:
    """One row; with `on_click` the whole row is clickable (give its first cell a real link for keyboards)."""
    clicked = {"on_click": on_click, "custom_attrs": {"data-clickable": "true"}} if on_click is not None else {}
    return rx.el.tr(*[cell if isinstance(cell, rx.el.Td) else rx.el.td(cell) for cell in cells], **clicked, **props)


def number_head(text: Text) -> rx.Component:
    """The head of a column of figures."""
    return rx.el.th(text, scope="col", class_name="af-num")


def number_cell(*children: Node, of: str = "", of_one: str = "") -> rx.Component:
    """A right-aligned cell with figures of equal width; `of` says what is counted where the table has no heads, as on a phone.

    `of_one` is the word for the figure 1, where that is another.
    """
    word = rx.cond(children[0].to_string(use_json=False) == "1", of_one, of) if of_one and isinstance(children[0], rx.Var) else of
    return rx.el.td(*children, class_name="af-num", custom_attrs={"data-of": word} if of else {})
