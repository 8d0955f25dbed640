"""The model picker: a button with the chosen model, and a dialog with search, provider groups, context, price and reasons."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.views.agents import ModelGroup, ModelOption
from components import ui
from components.ui import Flag, Text


@dataclass(frozen=True)
class ModelPicker:
    """What the picker shows and calls. `groups` are already filtered by `search`; `on_pick(id)` also closes the dialog."""

    groups: rx.vars.ArrayVar[list[ModelGroup]]
    chosen: rx.vars.ObjectVar[ModelOption]
    search: rx.Var[str]
    on_search: Any
    is_open: rx.Var[bool]
    on_open_change: Any
    on_pick: Any


def model_picker(
    picker: ModelPicker, *, label: Text = "Model", name: str = "model", help: Text = "", error: Text = "", disabled: Flag = False
) -> rx.Component:
    """The labelled button and its dialog."""
    one = picker.chosen
    button = rx.el.button(
        rx.el.span(rx.el.span(one.label, class_name="af-truncate"), _demo_badge(one), class_name="af-row"),
        rx.el.span(_figures(one), class_name="af-help af-truncate"),
        rx.icon("chevrons_up_down", size=15, aria_hidden="true"),
        type="button",
        id=f"field-{name}",
        on_click=picker.on_open_change(True),
        disabled=disabled,
        class_name="af-input af-model-button",
        aria_haspopup="dialog",
    )
    return rx.fragment(ui.field(label, button, name=name, help=help, error=error), model_dialog(picker))


def model_dialog(picker: ModelPicker, *, title: str = "Choose a model") -> rx.Component:
    """The dialog alone, for other openers such as 'add a fallback model'."""
    search = ui.search_input(
        value=picker.search, on_change=picker.on_search, placeholder="Search by name or provider", width="100%", debounce_ms=150
    )
    nothing = ui.empty_state("No model fits", "Try another word, or clear the search.", icon="search_x", framed=False, compact=True)
    groups = rx.foreach(picker.groups, lambda group: _group(group, picker))
    return ui.dialog(
        title,
        ui.stack(search, rx.cond(picker.groups.length() == 0, nothing, rx.el.div(groups, class_name="af-model-list")), gap=3),
        open=picker.is_open,
        on_open_change=picker.on_open_change,
        description="Demo models work offline and free of charge. Prices are for one million tokens, in US dollars. "
        "Greyed models wait for a key.",
        width="640px",
    )


def _group(group: rx.vars.ObjectVar[ModelGroup], picker: ModelPicker) -> rx.Component:
    lock = rx.icon("lock", size=12, aria_hidden="true")
    words = rx.cond(group.missing_href != "", ui.link(group.missing, href=group.missing_href, target="_blank"), group.missing)
    missing = rx.el.span(lock, words, class_name="af-model-missing")
    head = rx.el.h3(rx.el.span(group.label), rx.cond(group.missing != "", missing), class_name="af-model-provider")
    return rx.el.section(head, rx.foreach(group.models, lambda model: _model(model, picker)))


def _model(model: rx.vars.ObjectVar[ModelOption], picker: ModelPicker) -> rx.Component:
    is_chosen = model.id == picker.chosen.id
    words = rx.el.span(
        rx.el.span(rx.el.span(model.label, class_name="af-model-name"), _demo_badge(model), class_name="af-row af-row-wrap"),
        rx.el.span(_figures(model), class_name="af-help"),
        class_name="af-model-words",
    )
    return rx.el.button(
        words,
        rx.cond(is_chosen, rx.icon("check", size=16, aria_hidden="true")),
        type="button",
        aria_pressed=is_chosen,
        disabled=~model.is_available,
        title=model.unavailable_reason,
        on_click=picker.on_pick(model.id),
        class_name="af-model",
        key=model.id,
    )


def _demo_badge(model: rx.vars.ObjectVar[ModelOption]) -> rx.Component:
    return rx.cond(model.is_demo, ui.badge("demo", tone="blue"))


def _figures(model: rx.vars.ObjectVar[ModelOption]) -> rx.Component:
    price = rx.cond(model.input_price == "free", "free", rx.el.span(model.input_price, " in · ", model.output_price, " out per 1M tokens"))
    return rx.cond(model.id == "", rx.fragment(), rx.el.span(model.context, " context · ", price))
