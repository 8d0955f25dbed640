"""The head of an endpoint's page, its secrets, settings, and the questions before something that others feel."""

from typing import Any

import reflex as rx

from components import ui
from pages.endpoint.settings_state import EndpointSettingsState
from pages.endpoint.state import EndpointState
from pages.endpoints.form import endpoint_fields
from pages.endpoints.parts import health_badge
from pages.webhooks.parts import copy_line, secret_dialog

_state: Any = EndpointState  # its attributes are Vars, which the type of the class does not say
_settings: Any = EndpointSettingsState
_view: Any = _state.endpoint


def head() -> rx.Component:
    """Name, state and actions."""
    item = _view.item
    pause = rx.cond(
        item.state == "active",
        ui.button("Pause", icon="pause", on_click=_state.pause),
        ui.button("Resume", icon="play", on_click=_state.resume),
    )
    menu = ui.menu(
        ui.icon_button("ellipsis", label="More about this endpoint", variant="secondary", tip=False),
        ui.menu_item("New secret", icon="key_round", on_click=_state.ask("secret")),
        ui.menu_item("Send again what was given up", icon="rotate_ccw", on_click=_state.ask("replay")),
        ui.menu_separator(),
        ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.ask("delete")),
        align="end",
    )
    title = ui.row(rx.el.h2(item.name, class_name="af-section-title af-truncate"), health_badge(item), wrap=True)
    words = ui.muted("Hears of ", item.events, " of ", item.scope, " · ", item.health)
    actions = rx.cond(_view.can_edit, ui.row(pause, menu))
    return ui.stack(
        ui.link("All endpoints", href="/triggers/outgoing", class_name="af-small"),
        ui.row(ui.stack(title, words, gap=1), ui.spacer(), actions, wrap=True),
        rx.cond(item.reason != "", ui.callout(item.reason, tone="red", title="Nothing is sent any more.")),
        gap=2,
    )


def facts_card() -> rx.Component:
    """Address, events and secrets."""
    events = ui.row(rx.foreach(_view.event_words, lambda word: ui.badge(word)), wrap=True)
    secrets = ui.stack(rx.el.div("Signing secrets", class_name="af-label"), rx.foreach(_view.secrets, _secret), gap=1)
    return ui.card(ui.stack(copy_line("Address", _view.item.url), events, secrets, gap=4))


def _secret(item: Any) -> rx.Component:
    end = rx.cond(item.is_replaced & _view.can_edit, ui.button("End now", size="sm", variant="ghost", on_click=_state.end_secret(item.id)))
    return ui.row(rx.el.code(item.ending, class_name="af-mono"), ui.muted(item.note), ui.spacer(), end)


def settings_tab() -> rx.Component:
    """The form, or a note for who may not edit."""
    save = ui.row(ui.button("Save", type="submit", variant="primary", loading=_settings.is_saving))
    form = rx.el.form(ui.stack(endpoint_fields(_settings), save, gap=5), on_submit=_settings.save, class_name="af-form-column")
    return rx.cond(_view.can_edit, form, ui.callout("Only who may edit sees the settings."))


def questions() -> rx.Component:
    """New secret, replay, delete; and the secret that is told once."""

    def question(key: str, title: str, description: str, label: str, event: Any, *, danger: bool = False) -> rx.Component:
        return ui.confirm(
            title,
            description=description,
            confirm_label=label,
            on_confirm=event,
            open=_state.asked == key,
            on_open_change=_state.set_asking,
            danger=danger,
        )

    return rx.fragment(
        question(
            "secret",
            "Make a new secret?",
            "For 24 hours messages carry two signatures, so that the receiver can change over. You can end the old one earlier.",
            "Make a new secret",
            _state.new_secret,
        ),
        question(
            "replay",
            "Send again what was given up?",
            "Messages keep their ids, so a receiver that has seen one can tell.",
            "Send again",
            _state.replay_failed,
        ),
        question(
            "delete",
            "Delete this endpoint?",
            "It hears nothing more, and what still waits for it is given up.",
            "Delete endpoint",
            _state.delete,
            danger=True,
        ),
        secret_dialog(_state.made, on_open_change=_state.set_shown, title="Copy it now"),
    )
