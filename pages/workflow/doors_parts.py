"""What starts the workflow, in the inspector of its Start step: its webhooks with a test listener, and the way to its other triggers."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.dock import with_revision
from pages.webhook.listen_parts import listener
from pages.webhook.log_parts import delivery_body
from pages.webhooks.parts import secret_dialog
from pages.workflow.doors_state import DoorsState
from pages.workflow.state import EditorState

_state: Any = DoorsState  # its attributes are Vars, which the type of the class does not say
_editor: Any = EditorState


def started_by() -> rx.Component:
    """Closed, it says in one line what there is."""
    summary = rx.el.summary("Started by", rx.el.span(_state.summary, class_name="af-summary-words"), class_name="af-summary")
    hook = rx.cond(_state.hook.item.id != "", _webhook(), _none())
    other = ui.link("Schedules, events and all webhooks", href=_editor.triggers_href, class_name="af-link af-small")
    body = ui.stack(hook, other, gap=3, class_name="af-advanced")
    return rx.el.details(summary, body, class_name="af-details", id="started-by")


def _none() -> rx.Component:
    add = ui.button("Add a webhook", icon="webhook", size="sm", on_click=_state.add, loading=_state.is_adding)
    words = ui.muted("People start it with Run, programs over the API. With a webhook, another system starts it by calling an address.")
    return ui.stack(words, rx.cond(_state.can_edit, ui.row(add)), gap=2)


def _webhook() -> rx.Component:
    item = _state.hook.item
    which = ui.select("Webhook", _state.choices, name="door", value=item.id, on_change=_state.choose)
    name = rx.cond(_state.choices.length() > 1, which, rx.el.div("Webhook “", item.name, "”", class_name="af-label"))
    stopped = rx.cond(item.state != "active", ui.callout(rx.cond(item.reason != "", item.reason, "It is paused."), tone="amber"))
    links = ui.row(
        ui.link("Settings and log", href=item.href, class_name="af-link af-small"),
        ui.spacer(),
        rx.cond(_state.can_edit, ui.button("Add another", size="sm", variant="ghost", on_click=_state.add, loading=_state.is_adding)),
    )
    listening = rx.cond(_state.can_edit, listener(_state, test_url=_state.hook.test_url, example=_state.test_example))
    return ui.stack(name, stopped, listening, _caught(), links, gap=3)


def _caught() -> rx.Component:
    adopt = ui.button("Use its fields as inputs", icon="list_plus", size="sm", variant="primary", on_click=with_revision(_state.adopt))
    taking = rx.cond(_state.has_sample & _state.can_edit, ui.row(adopt))
    request = rx.el.details(
        rx.el.summary("The last request", rx.el.span(_state.caught.item.when, class_name="af-summary-words"), class_name="af-summary"),
        ui.stack(taking, delivery_body(_state.caught), gap=3, class_name="af-advanced"),
        open=True,
        class_name="af-details",
    )
    return rx.cond(_state.caught.item.id != "", request, taking)


def door_secret() -> rx.Component:
    """Address and secret of a new webhook, told this once."""
    return secret_dialog(_state.made, on_open_change=_state.set_shown, title="The webhook is ready")
