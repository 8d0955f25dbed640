"""The model fields of the inspector: the same dialog as in the agent form, for the model and for its fallbacks."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act
from components.forms import ModelPicker
from components.forms.model_picker import model_dialog
from pages.workflow.inspector_state import InspectorState
from pages.workflow.model_state import InspectorModelState

_state: Any = InspectorState  # its attributes are Vars, which the type of the class does not say
_models: Any = InspectorModelState


def _label(choices: Any, value: Any) -> rx.Component:
    return rx.foreach(choices, lambda choice: rx.cond(choice.value == value, rx.el.span(choice.label, class_name="af-truncate")))


def model_button(row: Any, error: Any) -> rx.Component:
    """The chosen model; a click opens the dialog."""
    button = rx.el.button(
        rx.el.span(_label(row.choices, row.text), class_name="af-row af-truncate"),
        rx.icon("chevrons_up_down", size=15, aria_hidden="true"),
        type="button",
        id=f"field-{row.name}",
        on_click=_models.open_for(row.name, row.text),
        disabled=~_state.form.can_edit,
        class_name="af-input af-model-button",
        aria_haspopup="dialog",
    )
    return ui.field(row.label, button, name=row.name, help=row.help, error=error, required=row.is_required)


def picked_chips(row: Any) -> rx.Component:
    """What is chosen in a field of several; a click removes it."""
    return rx.foreach(
        row.picked,
        lambda one: rx.el.button(
            one.label,
            rx.icon("x", size=12, aria_hidden="true"),
            type="button",
            on_click=act("pick", _state.form.id, row.name, one.value),
            disabled=~_state.form.can_edit,
            class_name="af-chip",
            aria_label=f"Remove {one.label}",
            key=one.value,
        ),
    )


def model_chips(row: Any, error: Any) -> rx.Component:
    """Fallback models in their order."""
    add = ui.button(
        "Add fallback", icon="plus", size="sm", variant="ghost", on_click=_models.open_for(row.name, ""), disabled=~_state.form.can_edit
    )
    control = ui.row(picked_chips(row), add, wrap=True, id=f"field-{row.name}")
    return ui.field(row.label, control, name=row.name, help=row.help, error=error)


def model_choice() -> rx.Component:
    """The dialog, once per page."""
    picker = ModelPicker(
        groups=_models.groups,
        chosen=_models.chosen,
        search=_models.search,
        on_search=_models.set_search,
        is_open=_models.purpose != "",
        on_open_change=_models.set_open,
        on_pick=lambda model_id: [act("pickModel", _state.form.id, _models.purpose, model_id), _models.set_open(False)],
    )
    return model_dialog(picker)
