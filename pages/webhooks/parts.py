"""Parts of the list of incoming webhooks."""

from typing import Any

import reflex as rx

from components import ui
from pages.webhooks.present import AUTH_WORDS
from pages.webhooks.state import WebhooksState

_state: Any = WebhooksState  # its attributes are Vars, which the type of the class does not say
STATE_TONES = (("active", "green"), ("paused", "amber"), ("stopped", "red"), ("disabled", "red"))


def state_badge(state: Any) -> rx.Component:
    """Active, paused, stopped or disabled."""
    return rx.match(state, *[(name, ui.badge(name.capitalize(), tone=tone)) for name, tone in STATE_TONES], ui.badge(state))  # type: ignore[arg-type]


def listing() -> rx.Component:
    """The table, or what to do when it is empty."""
    table = ui.table(
        ("Webhook", "State", "Proof", *map(ui.number_head, ("Taken, 24 h", "Refused, 24 h")), "Last call"),
        rx.foreach(_state.rows, _row),
        label="Incoming webhooks",
    )
    return rx.cond(_state.rows.length() > 0, table, rx.cond(_state.search != "", _nothing_fits(), _empty()))


def _row(item: Any) -> rx.Component:
    note = rx.cond(item.reason != "", ui.muted(item.reason, class_name="af-clamp-2"), ui.muted("starts ", item.workflow))
    return ui.table_row(
        rx.el.td(ui.stack(ui.link(item.name, href=item.href, class_name="af-strong-link"), note, gap=1), style={"max_width": "340px"}),
        rx.el.td(state_badge(item.state)),
        rx.el.td(ui.stack(rx.el.span(item.auth), ui.muted(item.reply), gap=1), class_name="af-nowrap"),
        ui.number_cell(item.accepted, of="taken"),
        ui.number_cell(item.refused, of="refused"),
        rx.el.td(item.last, class_name="af-nowrap"),
        on_click=rx.redirect(item.href),
    )


def _nothing_fits() -> rx.Component:
    return ui.empty_state("No webhook fits", "Clear the search to see all of them.", icon="search_x")


def _empty() -> rx.Component:
    return ui.empty_state(
        "No webhook yet",
        "A webhook is an address that starts a workflow when another system calls it: a payment, a form, a commit.",
        rx.cond(_state.can_edit, ui.button("New webhook", icon="plus", variant="primary", on_click=_state.begin)),
        icon="webhook",
    )


def making() -> rx.Component:
    """The dialog of a new webhook."""
    none = ui.callout("There is no workflow yet. Make one first.", tone="amber")
    create = ui.button(
        "Create webhook", variant="primary", type="submit", disabled=_state.workflow_id == "", custom_attrs={"form": "new-webhook"}
    )
    return ui.dialog(
        "New webhook",
        rx.cond(ui.length_of(_state.workflows) == 0, none),
        rx.el.form(_making_fields(), on_submit=_state.create, id="new-webhook"),
        open=_state.is_making,
        on_open_change=_state.set_making,
        footer=(ui.dialog_close(ui.button("Cancel")), create),
    )


def _making_fields() -> rx.Component:
    workflow = ui.select(
        "Workflow it starts",
        _state.workflows,
        name="workflow",
        value=_state.workflow_id,
        on_change=_state.choose_workflow,
        required=True,
        error=_state.errors.get("workflow_id", ""),
    )
    name = ui.text_field(
        "Name",
        name="webhook-name",
        hint="optional",
        value=_state.name,
        on_change=_state.set_name,
        error=_state.errors.get("name", ""),
        help="Such as the system that will call it. Empty: the name of the workflow.",
        max_length=120,
    )
    proof = ui.select(
        "How callers prove themselves",
        tuple(AUTH_WORDS.items()),
        name="auth",
        value=_state.auth,
        on_change=_state.choose_auth,
        help="The address itself is unguessable. A secret protects you when it leaks into a log.",
    )
    return ui.stack(workflow, name, proof, gap=4)


def secret_dialog(made: Any, *, on_open_change: Any, title: str, href_label: str = "Open webhook") -> rx.Component:
    """Address and secret, told this once."""
    secret = rx.cond(
        made.secret != "",
        ui.stack(
            copy_line("Secret", made.secret),
            ui.callout("The secret is shown this once. Keep it where the other system keeps its secrets.", tone="amber", icon="key_round"),
            gap=2,
        ),
    )
    example = rx.cond(made.example != "", ui.stack(rx.el.div("Try it", class_name="af-label"), ui.code_block(made.example), gap=1))
    address = rx.cond(made.url != "", copy_line("Address", made.url))
    go = rx.cond(made.href != "", ui.link_button(href_label, href=made.href, variant="primary"), rx.fragment())
    return ui.dialog(
        title,
        ui.stack(address, secret, example, gap=4),
        open=(made.secret != "") | (made.url != ""),
        on_open_change=on_open_change,
        footer=(ui.dialog_close(ui.button("Done")), go),
        width="620px",
    )


def copy_line(label: str, text: Any) -> rx.Component:
    """A long text on one line with a button that copies it."""
    named = label if label[:2].isupper() else label.lower()
    button = ui.copy_button(text, label=f"Copy {named}")
    line = rx.el.div(rx.el.code(text, class_name="af-copy-text"), button, class_name="af-copy-line")
    return ui.stack(rx.el.div(label, class_name="af-label"), line, gap=1)
