"""A JSON value laid out for reading, with the way to see it as data and to copy it."""

from typing import Any

import reflex as rx

from components.scripts import script
from components.ui.base import Text

for _beside in ("json_view.jsx", "readable.js", "words.js"):
    script(__name__, _beside)  # the script below imports them from beside itself
_ASSET = script(__name__, "value_view.jsx")


class ValueView(rx.Component):
    """The JSX; use `value_view`."""

    library = _ASSET
    tag = "ValueView"

    value: rx.Var[Any]
    labels: rx.Var[Any]
    label: rx.Var[str]
    is_answer: rx.Var[bool]
    code: rx.Var[Any]


def value_view(
    value: Any, *, label: Text, labels: Any = None, code: Any = None, max_height: str = "420px", is_answer: bool = False
) -> rx.Component:
    """Texts as texts, objects as named fields, and a tree for what is deep or long.

    `labels` names fields by their key; the fields whose keys are in `code` are shown as code.

    Of an answer, texts that models wrote as Markdown are shown so; everything else stays letter for letter.
    """
    named, coded = labels if labels is not None else {}, code if code is not None else []
    made = ValueView.create(value=value, labels=named, code=coded, label=label, is_answer=is_answer)
    return rx.el.div(made, class_name="af-value-frame", style={"--af-value-max": max_height})
