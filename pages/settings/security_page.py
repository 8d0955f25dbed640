"""Password and second factor."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import loaded, settings_page
from pages.settings.linked_parts import linked_section, linking_result
from pages.settings.linked_state import LinkedState
from pages.settings.security_state import SecurityState

_state: Any = SecurityState  # its attributes are Vars, which the type of the class does not say


def security_page() -> rx.Component:
    """Render the page."""
    mine = ui.stack(linking_result(), _password(), _second_factor(), linked_section(), gap=8)
    body = loaded(_state, rx.cond(_state.closed != "", ui.callout(_state.closed), mine), rows=4, also=(LinkedState.load,))
    return settings_page(
        body, _dialog(), _codes(), active="security", title="Security", description="What keeps others out of your account."
    )


def _password() -> rx.Component:
    form = ui.post_form(
        ui.post_field("Current password", name="current", type="password", autocomplete="current-password"),
        ui.post_field(
            "New password",
            name="password",
            type="password",
            autocomplete="new-password",
            help="At least 10 characters. Every other browser is signed out.",
        ),
        ui.post_submit("Change password", quiet=True),
        action="/api/v1/auth/change-password",
    )
    none = ui.callout("Your account has no password. Sign out and choose “Forgot your password?” to set one.")
    done = rx.cond(_state.is_changed, ui.callout("Your password is changed. Other browsers are signed out.", tone="green"))
    return ui.section(
        "Password", ui.stack(done, ui.card(rx.el.div(rx.cond(_state.has_password, form, none), class_name="af-narrow")), gap=3)
    )


def _second_factor() -> rx.Component:
    on = ui.stack(
        ui.row(ui.badge("On", tone="green", icon="shield_check"), ui.muted(_state.codes_left, " recovery codes left"), gap=3),
        rx.cond(_state.codes_left < 3, ui.callout("Few recovery codes are left. Make fresh ones.", tone="amber")),
        ui.row(
            ui.button("New recovery codes", icon="rotate_cw", on_click=_state.begin("renew")),
            ui.button("Turn off", on_click=_state.begin("disable")),
            wrap=True,
        ),
        gap=4,
    )
    off = ui.stack(
        ui.muted("After your password, an app on your phone shows a code. A stolen password alone is worth nothing then.", small=False),
        ui.row(ui.button("Set up an authenticator app", icon="smartphone", on_click=_state.begin("enable"))),
        gap=4,
    )
    return ui.section("Two-factor sign-in", ui.card(rx.cond(_state.has_totp, on, off)))


def _dialog() -> rx.Component:
    title = rx.match(
        _state.action, ("disable", "Turn two-factor sign-in off?"), ("renew", "New recovery codes"), "Set up an authenticator app"
    )
    verb = rx.match(_state.action, ("disable", "Turn off"), ("renew", "Make new codes"), "Turn on")
    code = ui.text_field(
        "Code",
        name="code",
        error=_state.errors.get("code", ""),
        help=rx.cond(_state.action == "disable", "Six digits of the app, or a recovery code.", "The six digits that the app shows now."),
        auto_complete="one-time-code",
        auto_focus=True,
        max_length=40,
    )
    setup = ui.stack(
        rx.el.p("Scan this picture with an authenticator app, or type the key into it.", class_name="af-muted"),
        rx.el.img(src=_state.qr, alt="QR code for the authenticator app", width="176", height="176", class_name="af-qr"),
        ui.row(rx.el.code(_state.secret, class_name="af-qr-key"), ui.copy_button(_state.secret, label="Copy key"), gap=2),
        rx.el.a("Open in an app on this device", href=_state.uri, class_name="af-small"),
        gap=3,
    )
    submit = ui.button(verb, variant="primary", type="submit", custom_attrs={"form": "code-form"})
    return ui.dialog(
        title,
        rx.el.form(ui.stack(rx.cond(_state.secret != "", setup), code, gap=4), on_submit=_state.submit, id="code-form"),
        open=(_state.action != "") & (_state.action != "codes"),
        on_open_change=_state.close,
        footer=(ui.dialog_close(ui.button("Cancel")), submit),
        width="440px",
    )


def _codes() -> rx.Component:
    grid = rx.el.ul(rx.foreach(_state.codes, lambda code: rx.el.li(rx.el.code(code))), class_name="af-recovery-codes")
    note = ui.callout(
        "Each works once, when your phone is away. They are shown this once: print them or keep them in a safe.", tone="amber"
    )
    return ui.dialog(
        "Your recovery codes",
        ui.stack(grid, note, gap=3),
        open=_state.action == "codes",
        on_open_change=_state.close,
        footer=(
            ui.button("Copy", icon="copy", on_click=[rx.set_clipboard(_state.codes.join("\n")), rx.toast.success("Copied.")]),
            ui.button("Download", icon="download", on_click=_state.download),
            ui.dialog_close(ui.button("I kept them", variant="primary")),
        ),
        width="440px",
    )
