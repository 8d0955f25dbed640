"""Dialogs, confirmations, menus, popovers and tooltips: Radix for behaviour and keyboard, our tokens for the look."""

from typing import Any, Literal

import reflex as rx
from reflex.event import EventHandler, EventSpec

from components.ui.arrival import close_on_arrival
from components.ui.base import Event, Flag, Node, Text, classes, given

Align = Literal["start", "center", "end"]
Side = Literal["top", "right", "bottom", "left"]


def tooltip(child: rx.Component, text: Text) -> rx.Component:
    """Show a short text beside the child on hover and focus."""
    return rx.tooltip(child, content=text, delay_duration=350)


def _close_button() -> rx.Component:
    cross = rx.el.button(
        rx.icon("x", size=16, aria_hidden="true"),
        type="button",
        aria_label="Close",
        class_name="af-button af-button-ghost af-icon-button af-size-sm af-dialog-close",
    )
    return rx.dialog.close(cross)


def _head(title: Text, description: Text) -> rx.Component:
    words = [rx.dialog.description(description)] if given(description) else []
    return rx.el.div(rx.dialog.title(title), *words, class_name="af-dialog-head")


def dialog(
    title: Text,
    *children: Node,
    open: Flag | None = None,
    on_open_change: Event | None = None,
    trigger: rx.Component | None = None,
    description: Text = "",
    footer: tuple[Node, ...] = (),
    width: str = "480px",
    asked_by: str = "",
) -> rx.Component:
    """A modal dialog, driven by `open` and `on_open_change` or by a `trigger`. `footer` holds its buttons, `asked_by` is the query
    parameter of addresses that open it."""
    foot = [rx.el.div(*footer, class_name="af-dialog-foot")] if footer else []
    plain: dict[str, Any] = {} if given(description) else {"custom_attrs": {"aria-describedby": ""}}
    content = rx.dialog.content(
        _head(title, description), rx.el.div(*children, class_name="af-dialog-body"), *foot, _close_button(), max_width=width, **plain
    )
    root = rx.dialog.root(*([rx.dialog.trigger(trigger)] if trigger is not None else []), content, **_driven(open, on_open_change))
    return rx.fragment(root, *_left_behind(open, on_open_change, asked_by))


def _driven(open: Flag | None, on_open_change: Event | None) -> dict[str, Any]:
    return {} if open is None else {"open": open, "on_open_change": on_open_change}


def _left_behind(open: Flag | None, on_open_change: Event | None, asked_by: str = "") -> list[rx.Component]:
    """What closes a dialog that was open when its page was left; one of the browser alone goes with its page."""
    is_remembered = isinstance(open, rx.Var) and isinstance(on_open_change, EventHandler | EventSpec)
    return [close_on_arrival(open=open, on_close=on_open_change, asked=asked_by)] if is_remembered else []


def dialog_close(child: rx.Component) -> rx.Component:
    """Make a child of a dialog (a Cancel button) close it."""
    return rx.dialog.close(child)


def _answer(label: Text, style: str, event: Event | None = None) -> rx.Component:
    clicked = {"on_click": event} if event is not None else {}
    return rx.el.button(label, type="button", class_name=classes("af-button", style), **clicked)


def confirm(
    title: Text,
    *,
    description: Text,
    confirm_label: str,
    on_confirm: Event,
    open: Flag | None = None,
    on_open_change: Event | None = None,
    trigger: rx.Component | None = None,
    danger: bool = True,
) -> rx.Component:
    """Ask before something that cannot be taken back. The description says what will happen, the label repeats the verb."""
    head = rx.el.div(rx.alert_dialog.title(title), rx.alert_dialog.description(description), class_name="af-dialog-head")
    style = "af-button-danger" if danger else "af-button-primary"
    foot = rx.el.div(
        rx.alert_dialog.cancel(_answer("Cancel", "")),
        rx.alert_dialog.action(_answer(confirm_label, style, on_confirm)),
        class_name="af-dialog-foot",
        style={"margin_top": "20px"},
    )
    parts = [rx.alert_dialog.trigger(trigger)] if trigger is not None else []
    root = rx.alert_dialog.root(*parts, rx.alert_dialog.content(head, foot, max_width="430px"), **_driven(open, on_open_change))
    return rx.fragment(root, *_left_behind(open, on_open_change))


def menu(
    trigger: rx.Component, *items: Node, align: Align = "start", side: Side = "bottom", on_open_change: Event | None = None
) -> rx.Component:
    """A drop-down menu of `menu_item`s, `menu_label`s and `menu_separator`s."""
    content = rx.menu.content(*items, align=align, side=side, side_offset=6, variant="soft")
    return rx.menu.root(rx.menu.trigger(trigger), content, **({"on_open_change": on_open_change} if on_open_change is not None else {}))


def menu_item(label: Node, *, icon: str | None = None, hint: Text = "", danger: bool = False, **props: Any) -> rx.Component:
    """One choice; `on_click` acts. `hint` shows a shortcut or a state on the right."""
    parts: list[Node] = [rx.icon(icon, size=15, aria_hidden="true")] if icon else []
    parts.append(label)
    if given(hint):
        parts.append(rx.el.span(hint, class_name="af-menu-hint"))
    return rx.menu.item(*parts, class_name="af-danger" if danger else "", **props)


def menu_separator() -> rx.Component:
    """A line between groups of choices."""
    return rx.menu.separator()


def menu_label(text: Node) -> rx.Component:
    """A small heading inside a menu."""
    return rx.el.div(text, class_name="rt-BaseMenuLabel", style={"padding": "4px 9px"})


def popover(trigger: rx.Component, *children: Node, width: str = "320px", align: Align = "start") -> rx.Component:
    """A small panel beside its trigger."""
    return rx.popover.root(rx.popover.trigger(trigger), rx.popover.content(*children, width=width, align=align, side_offset=6))
