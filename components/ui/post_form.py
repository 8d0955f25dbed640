"""Forms that post to a route instead of a state: what sets a cookie must be an HTTP answer."""

import reflex as rx

from components.scripts import script
from components.ui.base import Node, Text

_ASSET = script(__name__, "post_form.jsx")


class PostForm(rx.Component):
    """Posts its fields as JSON to `action`, shows refusals inline, then loads the page named by the answer's `next`."""

    library = _ASSET
    tag = "PostForm"

    action: rx.Var[str]


class PostField(rx.Component):
    """One labelled input of a PostForm; a password gets a Show button."""

    library = _ASSET
    tag = "PostField"

    name: rx.Var[str]
    label: rx.Var[str]
    type: rx.Var[str]
    auto_complete: rx.Var[str]
    help: rx.Var[str]
    hint: rx.Var[str]
    auto_focus: rx.Var[bool]


class PostSubmit(rx.Component):
    """The button of a PostForm; turns a ring while the form is on its way."""

    library = _ASSET
    tag = "PostSubmit"

    label: rx.Var[str]
    quiet: rx.Var[bool]
    danger: rx.Var[bool]


def post_form(*children: Node, action: Text) -> rx.Component:
    """Compose a form of `post_field`s and one `post_submit`."""
    return PostForm.create(*children, action=action, class_name="af-stack", style={"--af-gap": "var(--af-space-4)"})


def post_field(
    label: Text, *, name: str, type: str = "text", autocomplete: str = "off", help: str = "", focus: bool = False
) -> rx.Component:
    """One input; `autocomplete` is what password managers read."""
    return PostField.create(name=name, label=label, type=type, auto_complete=autocomplete, help=help, auto_focus=focus)


def post_submit(label: Text, *, quiet: bool = False, danger: bool = False) -> rx.Component:
    """The submit button."""
    return PostSubmit.create(label=label, quiet=quiet, danger=danger)
