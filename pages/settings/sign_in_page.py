"""The workspace's own sign-in: its provider, the domains whose people come in by themselves, and whether it is a must."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.sign_in_present import NEWCOMERS
from pages.settings.sign_in_state import WorkspaceSignInState

_state: Any = WorkspaceSignInState  # its attributes are Vars, which the type of the class does not say


def workspace_sign_in_page() -> rx.Component:
    """Render the page."""
    is_set = _state.shown.id != ""
    body = ui.stack(
        rx.cond(is_set, _addresses(), _intro()), _provider(), rx.cond(is_set, ui.stack(_domains(), _must(), _end(), gap=8)), gap=8
    )
    return settings_page(
        loaded(_state, body, rows=6),
        active="sign-in",
        title="Sign-in",
        description="Let people in through your company's identity provider. It opens this workspace and nothing else.",
    )


def _intro() -> rx.Component:
    return ui.callout(
        "Any provider of OpenID Connect does: Okta, Entra ID, Google Workspace, Keycloak, Auth0. Register an application there, then enter "
        "its issuer, client id and secret here. What to enter over there is shown once it is saved.",
        title="Not set up. ",
    )


def _addresses() -> rx.Component:
    made = [(tone, ui.badge(_state.shown.state, tone=tone)) for tone in ("green", "red", "amber")]
    test = ui.button("Test", size="sm", icon="plug", on_click=_state.test, loading=_state.busy == "test")
    badge = rx.match(_state.shown.tone, *made, ui.badge(_state.shown.state))
    status = ui.stack(
        ui.row(badge, ui.spacer(), test, gap=3), ui.muted(_state.shown.test_message, " ", _state.shown.people, small=False), gap=3
    )
    lines = ui.stack(
        _copied("Sign-in address", _state.shown.address, "Pass it on to your people. Addresses of proved domains find it by themselves."),
        _copied("Redirect address", _state.shown.redirect_uri, "Enter it at your provider, exactly so."),
        gap=4,
    )
    return ui.card(ui.stack(status, ui.divider(), lines, gap=4))


def _copied(label: str, text: Any, help: str) -> rx.Component:
    code = rx.el.code(text, class_name="af-mono af-small af-break")
    shown = ui.row(rx.el.div(code, class_name="af-grow-1"), ui.copy_button(text, label=f"Copy {label.lower()}"), gap=2)
    return ui.stack(rx.el.div(label, class_name="af-label"), shown, ui.muted(help), gap=1)


def _provider() -> rx.Component:
    error = _state.errors.get
    form = ui.stack(
        ui.text_field(
            "Name",
            name="name",
            default_value=_state.shown.name,
            placeholder="Acme",
            help="What the button says: Continue with …",
            error=error("name", ""),
            max_length=60,
        ),
        _client(),
        _newcomers(),
        ui.row(ui.button("Save", type="submit", variant="primary")),
        gap=4,
    )
    return ui.section("Provider", ui.card(rx.el.form(form, on_submit=_state.save, class_name="af-narrow", key=_state.shown.id)))


def _client() -> rx.Component:
    error = _state.errors.get
    return ui.stack(
        ui.text_field(
            "Issuer",
            name="issuer",
            default_value=_state.shown.issuer,
            placeholder="https://login.example.com/realms/acme",
            help="Its address, as the provider writes it. The rest is found by discovery.",
            error=error("issuer", ""),
            max_length=500,
        ),
        ui.text_field("Client id", name="client_id", default_value=_state.shown.client_id, error=error("client_id", ""), max_length=300),
        ui.text_field(
            "Client secret",
            name="client_secret",
            type="password",
            help=_state.shown.about_key,
            error=error("client_secret", ""),
            auto_complete="new-password",
        ),
        gap=4,
    )


def _newcomers() -> rx.Component:
    return ui.stack(
        ui.select(
            "Role of newcomers",
            NEWCOMERS,
            name="default_role",
            value=_state.role,
            on_change=_state.set_role,
            help="For people of a proved domain who come in for the first time. Members keep the role they have.",
            error=_state.errors.get("default_role", ""),
        ),
        ui.switch(
            "Take addresses that are not called verified",
            name="believes_email",
            checked=_state.believes_email,
            on_change=_state.set_believes_email,
            help="Only if people cannot choose their own address there. Entra ID, for one, never says verified.",
        ),
        ui.switch(
            "In use", name="is_enabled", checked=_state.is_enabled, on_change=_state.set_enabled, help="Off ends every session it opened."
        ),
        gap=4,
    )


def _domains() -> rx.Component:
    lines = ui.card(rx.foreach(_state.domains, _domain), class_name="af-card-flush")
    field = ui.text_field(
        "Domain",
        name="domain",
        placeholder="example.com",
        help="People with an address there get an account and join by themselves, once you prove that the domain is yours.",
        error=_state.errors.get("domain", ""),
        max_length=253,
    )
    form = rx.el.form(
        ui.stack(field, ui.row(ui.button("Add domain", type="submit", icon="plus"))),
        on_submit=_state.add,
        reset_on_submit=True,
        class_name="af-narrow",
    )
    return ui.section("Domains", ui.stack(rx.cond(_state.domains.length() > 0, lines), ui.card(form), gap=3))


def _domain(item: Any) -> rx.Component:
    record = ui.stack(
        ui.muted("Add this TXT record to the DNS, then confirm."),
        _copied("Name", item.record_name, ""),
        _copied("Value", item.record_value, ""),
        gap=3,
    )
    state = rx.cond(item.is_proved, ui.badge(item.note, tone="green", icon="circle_check"), ui.badge(item.note, tone="amber"))
    buttons = ui.row(
        rx.cond(
            item.is_proved,
            rx.fragment(),
            ui.button("Confirm", size="sm", on_click=_state.prove(item.domain), loading=_state.busy == item.domain),
        ),
        ui.confirm(
            "Take this domain off?",
            description="Its people no longer come in by themselves. Those who did stay members.",
            confirm_label="Take off",
            on_confirm=_state.drop(item.domain),
            trigger=ui.icon_button("trash_2", label=f"Take off {item.domain}"),
        ),
        gap=2,
    )
    head = ui.row(rx.el.div(item.domain, class_name="af-card-title"), state, ui.spacer(), buttons, gap=3, wrap=True)
    return rx.el.div(ui.stack(head, rx.cond(item.is_proved, rx.fragment(), record), gap=3), class_name="af-line-block")


def _must() -> rx.Component:
    on = ui.stack(
        ui.muted(
            "Members come in by it alone. Owners keep their own ways, so that a broken provider locks nobody out for good.", small=False
        ),
        ui.row(ui.button("No longer require it", on_click=_state.demand(False))),
        gap=3,
    )
    ask = ui.confirm(
        "Require it of every member?",
        description="Who signed in otherwise loses this workspace with the next click, until they come in by it. Owners stay.",
        confirm_label="Require it",
        on_confirm=_state.demand(True),
        trigger=ui.button("Require it"),
        danger=False,
    )
    off = ui.stack(ui.muted("Members may also sign in with their password or in other ways of their own.", small=False), ui.row(ask), gap=3)
    return ui.section("Required", ui.card(rx.cond(_state.shown.is_required, on, off)))


def _end() -> rx.Component:
    ask = ui.confirm(
        "Take the sign-in off?",
        description="Every session it opened ends, and the saved secret is forgotten. People stay members.",
        confirm_label="Take off",
        on_confirm=_state.remove,
        trigger=ui.button("Take the sign-in off", variant="danger"),
    )
    return ui.row(ask)
