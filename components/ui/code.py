"""Code blocks and the typed JSON tree, both with copy."""

from typing import Any

import reflex as rx

from components.scripts import script
from components.ui.base import Node, Text
from components.ui.buttons import icon_button

_ASSET = script(__name__, "json_view.jsx")


class JsonTree(rx.Component):
    """The JSX tree; use `json_view`."""

    library = _ASSET
    tag = "JsonView"

    value: rx.Var[Any]
    open_to: rx.Var[int]


def copy_button(text: Text | rx.Var[Any], *, label: str = "Copy") -> rx.Component:
    """Copy a text to the clipboard and say so."""
    return icon_button("copy", label=label, size="sm", on_click=[rx.set_clipboard(text), rx.toast.success("Copied.")])


def code_block(text: Text, *, max_height: str = "420px", actions: tuple[Node, ...] = ()) -> rx.Component:
    """Preformatted text with a copy button."""
    bar = rx.el.div(*actions, copy_button(text), class_name="af-code-bar")
    return rx.el.div(rx.el.pre(text, tab_index=0), bar, class_name="af-code", style={"--af-code-max": max_height})


def json_view(value: rx.Var[Any], *, open_to: int = 2, max_height: str = "420px") -> rx.Component:
    """Any JSON value as a typed tree, open down to `open_to` levels, with copy."""
    text = rx.Var(
        f"(typeof ({value!s}) === 'string' ? ({value!s}) : JSON.stringify({value!s}, null, 2))", _var_data=value._get_all_var_data()
    )
    bar = rx.el.div(copy_button(text, label="Copy as JSON"), class_name="af-code-bar")
    tree = JsonTree.create(value=value, open_to=open_to)
    return rx.el.div(tree, bar, class_name="af-code", style={"--af-code-max": max_height})
