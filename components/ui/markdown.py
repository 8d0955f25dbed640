"""Markdown written by models and users: no raw HTML, no remote images, safe links."""

import reflex as rx

from components.scripts import script
from components.ui.base import Flag, Text

_ASSET = script(__name__, "markdown.jsx")


class SafeMarkdown(rx.Component):
    """react-markdown without any plugin that lets HTML through; see markdown.jsx."""

    library = _ASSET
    tag = "SafeMarkdown"
    lib_dependencies: list[str] = ["react-markdown@10.1.0", "remark-gfm@4.0.1"]  # noqa: RUF012 - Reflex reads it per class

    text: rx.Var[str]
    tail: rx.Var[str]
    is_writing: rx.Var[bool]


def markdown(text: Text, *, tail: Text = "", is_writing: Flag = False) -> rx.Component:
    """Markdown; `tail` continues `text` while it is still being written."""
    return SafeMarkdown.create(text=text, tail=tail, is_writing=is_writing)
