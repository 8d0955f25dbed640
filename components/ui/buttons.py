"""Buttons and links that look like buttons."""

from typing import Any, Literal

import reflex as rx
from reflex_components_core.react_router.dom import ReactRouterLink

from components.ui.base import Event, Flag, Node, Size, Text, classes, either
from components.ui.overlays import tooltip

Variant = Literal["secondary", "primary", "ghost", "danger", "link"]


def _names(variant: Variant, size: Size, wide: bool, extra: str) -> list[Any]:
    return classes(
        "af-button",
        f"af-button-{variant}" if variant != "secondary" else "",
        f"af-size-{size}" if size != "md" else "",
        "af-wide" if wide else "",
        extra,
    )


def spinner() -> rx.Component:
    """A small turning ring in the current text colour."""
    return rx.el.span(class_name="af-spinner", aria_hidden="true")


def _front(icon: str | None, loading: Flag) -> list[Node]:
    picture: Node = rx.icon(icon, size=15, aria_hidden="true") if icon else rx.fragment()
    if isinstance(loading, bool):
        return [spinner()] if loading else [picture]
    return [rx.cond(loading, spinner(), picture)]


def button(
    label: Node,
    *,
    icon: str | None = None,
    variant: Variant = "secondary",
    size: Size = "md",
    loading: Flag = False,
    disabled: Flag = False,
    wide: bool = False,
    type: Literal["button", "submit", "reset"] = "button",
    on_click: Event | None = None,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A button. While `loading` it shows a ring and cannot be pressed again."""
    if on_click is not None:
        props["on_click"] = on_click
    names = _names(variant, size, wide, class_name)
    return rx.el.button(*_front(icon, loading), label, type=type, disabled=either(loading, disabled), class_name=names, **props)


def link_button(
    label: Node, *, href: Text, icon: str | None = None, variant: Variant = "secondary", size: Size = "md", wide: bool = False, **props: Any
) -> rx.Component:
    """A link to another page of the product, drawn as a button."""
    return link(*_front(icon, False), label, href=href, class_name=_names(variant, size, wide, ""), **props)


def link(*children: Node, href: Text, **props: Any) -> rx.Component:
    """A client-side link to another page of the product."""
    return ReactRouterLink.create(*children, to=href, **props)


def icon_button(
    icon: str,
    *,
    label: str,
    on_click: Event | None = None,
    variant: Variant = "ghost",
    size: Size = "md",
    disabled: Flag = False,
    tip: bool = True,
    class_name: str = "",
    **props: Any,
) -> rx.Component:
    """A square button with an icon; `label` is its tooltip and its name for screen readers."""
    if on_click is not None:
        props["on_click"] = on_click
    names = _names(variant, size, False, f"af-icon-button {class_name}".strip())
    made = rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"), type="button", aria_label=label, disabled=disabled, class_name=names, **props
    )
    return tooltip(made, label) if tip else made
