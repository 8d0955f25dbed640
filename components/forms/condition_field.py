"""The condition builder: comparisons in rows with the values of earlier steps offered, or the same as text."""

from typing import Any

import reflex as rx

from components.forms.fields import text_spec
from components.scripts import script
from components.ui import Event, Flag, Text

_ASSET = script(__name__, "condition_builder.jsx")
script(__name__, "comparisons.js")  # the builder imports it


class ConditionBuilder(rx.Component):
    """See condition_builder.jsx."""

    library = _ASSET
    tag = "ConditionBuilder"

    value: rx.Var[str]
    variables: rx.Var[list[Any]]
    disabled: rx.Var[bool]
    label: rx.Var[str]
    spots: rx.Var[list[Any]]
    on_change: rx.EventHandler[text_spec]


def condition_builder(
    *, label: Text, value: Text, on_change: Event, variables: rx.Var[Any], spots: rx.Var[Any], disabled: Flag = False
) -> rx.Component:
    """Rows or text; `on_change(text)` fires when the condition is sound, unfinished rows stay in the browser.

    The sides of comparisons at the [line, column] of `spots` are marked as wrong.
    """
    return ConditionBuilder.create(label=label, value=value, on_change=on_change, variables=variables, spots=spots, disabled=disabled)
