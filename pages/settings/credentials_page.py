"""Saved keys of the workspace: the list, the dialog of one, and who uses it before it is deleted."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.credentials_present import HELP, KIND_CHOICES, PROVIDERS, PUBLIC_LABELS, SECRET_LABELS
from pages.settings.credentials_state import CredentialsState

_state: Any = CredentialsState  # its attributes are Vars, which the type of the class does not say
_FORM = "credential-form"


def credentials_page() -> rx.Component:
    """Render the page."""
    create = rx.cond(_state.can_manage, ui.button("New credential", icon="plus", variant="primary", on_click=_state.begin))
    search = ui.search_input(value=_state.search, on_change=_state.set_search, placeholder="Search credentials")
    return settings_page(
        loaded(_state, ui.stack(ui.row(search), _listing(), gap=4)),
        _dialog(),
        _question(),
        active="credentials",
        title="Credentials",
        description="Keys that workflows and agents use by name. Nobody reads a secret again once it is saved.",
        actions=(create,),
        wide=True,
    )


def _listing() -> rx.Component:
    table = ui.table(("Credential", "Goes to", "State", "Last used", ""), rx.foreach(_state.rows, _row), label="Credentials")
    nothing = ui.empty_state("No credential fits", "Clear the search to see all of them.", icon="search_x")
    return rx.cond(_state.rows.length() > 0, table, rx.cond(_state.search != "", nothing, _empty()))


def _row(item: Any) -> rx.Component:
    kind = rx.el.span(item.kind, rx.cond(item.last_four != "", rx.el.span(" · ", rx.el.code(item.last_four, class_name="af-mono"))))
    name = ui.stack(rx.el.span(item.name, class_name="af-card-title"), ui.muted(kind), rx.cond(item.note != "", ui.muted(item.note)), gap=1)
    state = ui.stack(ui.row(_badge(item)), rx.cond(item.state_note != "", ui.muted(item.state_note, class_name="af-clamp-2")), gap=1)
    buttons = ui.row(
        ui.button("Test", size="sm", on_click=_state.test(item.id), loading=_state.testing_id == item.id, aria_label=f"Test {item.name}"),
        ui.icon_button("pencil", label=f"Edit {item.name}", on_click=_state.edit(item.id)),
        ui.icon_button("trash_2", label=f"Delete {item.name}", on_click=_state.ask_delete(item.id)),
    )
    return ui.table_row(
        rx.el.td(name),
        rx.el.td(ui.muted(item.hosts, class_name="af-clamp-2")),
        rx.el.td(state, style={"max_width": "260px"}),
        rx.el.td(item.used, class_name="af-nowrap"),
        rx.el.td(rx.cond(_state.can_manage, buttons)),
    )


def _badge(item: Any) -> Any:
    made = [(tone, ui.badge(item.state, tone=tone)) for tone in ("green", "red", "amber")]
    return rx.match(item.tone, *made, ui.badge(item.state))


def _empty() -> rx.Component:
    return ui.empty_state(
        "No credential yet",
        "Save the key of a model provider or of any API once; steps then name it and never see it.",
        rx.cond(_state.can_manage, ui.button("New credential", icon="plus", variant="primary", on_click=_state.begin)),
        icon="key_round",
    )


def _dialog() -> rx.Component:
    is_new = _state.form.id == ""
    buttons = (
        ui.dialog_close(ui.button("Cancel")),
        ui.button("Save credential", variant="primary", type="submit", custom_attrs={"form": _FORM}),
    )
    form = rx.el.form(_fields(is_new), on_submit=_state.save, id=_FORM, key=_state.form.id, auto_complete="off")
    return ui.dialog(
        rx.cond(is_new, "New credential", "Edit credential"),
        form,
        open=_state.is_editing,
        on_open_change=_state.set_editing,
        footer=buttons,
        width="560px",
        asked_by="new",
    )


def _fields(is_new: Any) -> rx.Component:
    error = _state.errors.get
    kind = ui.select(
        "Kind",
        KIND_CHOICES,
        name="credential-kind",
        value=_state.kind,
        on_change=_state.set_kind,
        help=rx.match(_state.kind, *HELP.items(), ""),
        error=error("kind", ""),
        disabled=~is_new,
    )
    provider = ui.select(
        "Provider", PROVIDERS, name="provider", default_value=_state.form.provider, error=error("provider", ""), disabled=~is_new
    )
    return ui.stack(
        ui.text_field(
            "Name", name="name", default_value=_state.form.name, error=error("name", ""), help="Steps name it by this.", max_length=60
        ),
        kind,
        rx.match(_state.kind, ("model", provider), *((one, _public(one)) for one in ("basic", "header", "query")), rx.fragment()),
        _secret(is_new),
        rx.cond(_state.kind != "model", _where()),
        ui.text_field("Valid until", name="expires_at", type="date", default_value=_state.form.expires, error=error("expires_at", "")),
        ui.text_field(
            "Description", name="description", default_value=_state.form.description, error=error("description", ""), max_length=300
        ),
        rx.cond(is_new, rx.fragment(), _used_by()),
        gap=4,
    )


def _used_by() -> rx.Component:
    nobody = ui.muted("No workflow and no agent uses it.")
    users = rx.cond(_state.users.length() > 0, rx.el.ul(rx.foreach(_state.users, _user), class_name="af-small"), nobody)
    return rx.el.div(rx.el.div("Used by", class_name="af-label"), users, class_name="af-field")


def _public(kind: str) -> rx.Component:
    return ui.text_field(
        PUBLIC_LABELS[kind],
        name="public_name",
        default_value=_state.form.public_name,
        error=_state.errors.get("public_name", ""),
        max_length=120,
    )


def _secret(is_new: Any) -> rx.Component:
    return ui.text_field(
        rx.match(_state.kind, *SECRET_LABELS.items(), "Secret"),
        name="secret",
        type="password",
        help=rx.cond(is_new, "Shown to nobody again, not even to you.", "Leave it empty to keep the one that is saved."),
        error=_state.errors.get("secret", ""),
        auto_complete="new-password",
    )


def _where() -> rx.Component:
    hosts = ui.text_area(
        "Allowed hosts",
        name="hosts",
        default_value=_state.form.hosts,
        placeholder="api.example.com",
        help="One a line. The key is sent nowhere else, whatever a step says.",
        error=_state.errors.get("hosts", ""),
        rows=2,
    )
    test = ui.text_field(
        "Test address",
        name="test_url",
        default_value=_state.form.test_url,
        placeholder="https://api.example.com/me",
        help="Answers with success when the key is good, and changes nothing.",
        error=_state.errors.get("test_url", ""),
        max_length=2000,
    )
    return ui.stack(hosts, test, gap=4)


def _question() -> rx.Component:
    used = rx.cond(
        _state.users.length() > 0,
        ui.callout(
            rx.el.ul(rx.foreach(_state.users, _user)), tone="amber", icon="triangle_alert", title="These use it and will fail without it:"
        ),
        ui.muted("No workflow and no agent uses it."),
    )
    buttons = (
        ui.dialog_close(ui.button("Cancel")),
        ui.button("Delete credential", variant="danger", on_click=_state.delete),
    )
    return ui.dialog(
        f"Delete {_state.asked.name}?",
        used,
        description="Its secret is forgotten at once and cannot be brought back.",
        open=_state.asked.id != "",
        on_open_change=_state.set_asking,
        footer=buttons,
    )


def _user(item: Any) -> rx.Component:
    return rx.el.li(ui.link(item.name, href=item.href, class_name="af-link"), " · ", item.place)
