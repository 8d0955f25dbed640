"""The head of a webhook's page: facts, address, secrets, and the questions before something that others feel."""

from typing import Any

import reflex as rx

from components import ui
from pages.webhook.state import WebhookState
from pages.webhooks.parts import copy_line, secret_dialog, state_badge

_state: Any = WebhookState  # its attributes are Vars, which the type of the class does not say
_hook: Any = _state.hook


def head() -> rx.Component:
    """Name, state and actions."""
    item = _hook.item
    name = rx.el.h2(item.name, class_name="af-section-title af-truncate")
    words = ui.muted(
        "Starts ", ui.link(item.workflow, href=item.workflow_href), " · ", item.auth, " · ", item.reply, " · runs belong to ", _hook.runs_as
    )
    pause = rx.cond(
        item.state == "paused",
        ui.button("Resume", icon="play", on_click=_state.set_paused(False)),
        ui.button("Pause", icon="pause", on_click=_state.set_paused(True)),
    )
    actions = rx.cond(_hook.can_edit, ui.row(pause, _menu()))
    title = ui.row(name, state_badge(item.state), wrap=True)
    return ui.stack(
        ui.link("All webhooks", href="/triggers/webhooks", class_name="af-small"),
        ui.row(ui.stack(title, words, gap=1), ui.spacer(), actions, wrap=True),
        rx.cond(item.reason != "", _stopped()),
        gap=2,
    )


def _stopped() -> rx.Component:
    take = rx.cond(_hook.can_edit, ui.button("Take it over", size="sm", on_click=_state.take_over))
    return ui.callout(ui.stack(rx.el.span(_hook.item.reason), ui.row(take)), tone="red", title="It takes no requests.")


def _menu() -> rx.Component:
    return ui.menu(
        ui.icon_button("ellipsis", label="More about this webhook", variant="secondary", tip=False),
        ui.menu_item("New address", icon="refresh_cw", on_click=_state.ask("address")),
        ui.menu_item("New secret", icon="key_round", on_click=_state.ask("secret")),
        ui.menu_item("Run in my name", icon="user_check", on_click=_state.take_over),
        ui.menu_separator(),
        ui.menu_item("Delete", icon="trash_2", danger=True, on_click=_state.ask("delete")),
        align="end",
    )


def address_card() -> rx.Component:
    """Where to call, how to try it, and the secrets that count."""
    address = rx.cond(
        _hook.url != "",
        copy_line("Address", _hook.url),
        ui.muted("Only who may edit sees the address: whoever has it can call it."),
    )
    example = rx.cond(
        _hook.example != "",
        rx.el.details(rx.el.summary("Try it in a terminal", class_name="af-small"), ui.code_block(_hook.example), class_name="af-details"),
    )
    kept = ui.stack(rx.el.div("Secrets", class_name="af-label"), rx.foreach(_hook.secrets, _secret), gap=1)
    secrets = rx.cond(_hook.secrets.length() > 0, kept)
    return ui.card(ui.stack(address, example, secrets, gap=4))


def _secret(item: Any) -> rx.Component:
    end = rx.cond(item.is_replaced & _hook.can_edit, ui.button("End now", size="sm", variant="ghost", on_click=_state.end_secret(item.id)))
    return ui.row(rx.el.code(item.ending, class_name="af-mono"), ui.muted(item.note), ui.spacer(), end)


def questions() -> rx.Component:
    """New address, new secret, delete; and what is told once."""

    def question(key: str, title: str, description: str, label: str, event: Any, *, danger: bool = True) -> rx.Component:
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
            "address",
            "Make a new address?",
            "The old address answers 404 from this moment. Every caller has to be given the new one.",
            "Make a new address",
            _state.new_address,
        ),
        question(
            "secret",
            "Make a new secret?",
            "The one before counts for another 24 hours, so that callers can change over. You can end it earlier.",
            "Make a new secret",
            _state.new_secret,
            danger=False,
        ),
        question(
            "delete",
            "Delete this webhook?",
            "Its address answers 404 from this moment. Runs that it started stay.",
            "Delete webhook",
            _state.delete,
        ),
        secret_dialog(_state.made, on_open_change=_state.set_shown, title="Copy it now"),
    )
