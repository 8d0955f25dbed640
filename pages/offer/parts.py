"""The parts of a listing's page: what it costs and may do, what it gave, its versions, and the permission screen."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from pages.creator.parts import face
from pages.offer.ask_parts import credential_questions
from pages.offer.buy_parts import buy_form
from pages.offer.state import OfferState

_state: Any = OfferState
_ICONS = ("sparkles", "globe", "key-round", "wrench", "send", "code")


def _permission_icon(name: Any) -> rx.Component:
    choices = [(icon, rx.icon(icon.replace("-", "_"), size=15, aria_hidden="true")) for icon in _ICONS]
    return rx.fragment(rx.match(name, *choices, rx.icon("shield", size=15, aria_hidden="true")))


def permission_list(lines: Any) -> rx.Component:
    """What it may do, line by line."""

    def line(one: Any) -> rx.Component:
        return rx.el.div(_permission_icon(one.icon), rx.el.div(rx.el.strong(one.title), rx.el.p(one.detail)), class_name="af-permission")

    nothing = ui.muted("It asks for nothing: no models, no network, no credentials.")
    return rx.cond(ui.length_of(lines) > 0, ui.stack(rx.foreach(lines, line), gap=3), nothing)


def action() -> rx.Component:
    """The one thing to do next."""
    may_not = ~_state.offer.can_install | (_state.offer.room_note != "")
    install = ui.button("Install", variant="primary", size="lg", wide=True, icon="download", disabled=may_not, on_click=_state.ask_install)
    opened = ui.link_button("Open", href=_state.offer.open_href, icon="arrow_right", variant="primary", size="lg", wide=True)
    opened_quietly = ui.link_button("Open", href=_state.offer.open_href, wide=True)
    shown = rx.match(
        _state.offer.access,
        (
            "installed",
            rx.cond(_state.offer.returned != "", _returned(opened_quietly), rx.cond(_state.offer.open_href != "", opened, install)),
        ),
        ("lapsed", _lapsed(opened_quietly)),
        ("own", ui.stack(install, ui.muted("Your workspace sells this listing."))),
        ("owned", ui.stack(install, ui.muted(rx.cond(_state.offer.is_monthly, "Paid by this workspace.", "Bought by this workspace.")))),
        ("free", install),
        ("for_sale", ui.stack(rx.cond(_state.offer.returned != "", _came_back(), rx.fragment()), buy_form())),
        ("pending", ui.stack(buy_form(), ui.muted("An order is waiting for its payment."))),
        ui.muted("This listing is not offered any more."),
    )
    order = ui.link("Subscription and receipts", href=_state.offer.order_href, class_name="af-small")
    signed_in = ui.stack(shown, rx.cond(_state.offer.order_href != "", order, rx.fragment()))
    looking = ui.muted("Your role in this workspace lets you look at listings. Ask an owner or admin to install it.")
    reason = rx.cond(SessionState.can_edit, rx.fragment(), looking)
    return rx.cond(_state.offer.is_visitor, _door(), ui.stack(no_room(_state.offer.room_note), signed_in, reason, gap=2))


def no_room(told: Any) -> rx.Component:
    """Why the plan has no room for what the listing brings, with the way to the plans."""
    note = ui.callout(told, " ", ui.link("See the plans", href="/settings/plan"), tone="amber")
    return rx.cond(told != "", note, rx.fragment())


def _came_back() -> rx.Component:
    return ui.callout(_state.offer.returned, " was refunded to you. You can buy it again.", tone="neutral")


def _returned(opened: rx.Component) -> rx.Component:
    """The money came back and the copy stayed: it can be opened, and runs again when it is bought again."""
    kept = ui.muted("The installed copy stays and starts no runs. Buy it again to run it and to get new versions.")
    buy = rx.cond(_state.offer.is_sold, ui.stack(_came_back(), buy_form()), rx.fragment())
    return ui.stack(buy, rx.cond(_state.offer.open_href != "", opened, rx.fragment()), kept)


def _lapsed(opened: rx.Component) -> rx.Component:
    """What came by the month and is paid no more: it stands there and does not run."""
    note = ui.callout("It is installed and starts no runs, because no month of it is paid now.", tone="amber")
    over = ui.muted("It is not offered any more.")
    return ui.stack(note, rx.cond(_state.offer.is_sold, buy_form(), over), rx.cond(_state.offer.open_href != "", opened, rx.fragment()))


def _door() -> rx.Component:
    """What a visitor does first; signing in leads back here."""
    pay = rx.cond(_state.offer.is_monthly, "Sign in to subscribe", "Sign in to buy")
    verb = rx.cond(_state.offer.price_cents > 0, pay, "Sign in to install")
    enter = ui.link_button(verb, href=f"/sign-in{SessionState.door_query}", variant="primary", size="lg", wide=True, icon="log_in")
    fresh = rx.el.p("No account yet? ", ui.link("Create one", href=f"/sign-up{SessionState.door_query}"), class_name="af-small af-muted")
    return ui.stack(enter, fresh, gap=2)


def _creator_face() -> rx.Component:
    picture = _state.offer.creator_picture
    return rx.cond(picture != "", face(picture, "", small=True), rx.fragment())


def side(also: rx.Component) -> rx.Component:
    """Price, action, what else there is to do, permissions and facts."""
    broken = ui.callout("This package was changed after it was published. It cannot be installed.", tone="red")
    creator = rx.cond(
        _state.offer.creator_href != "",
        ui.link(_creator_face(), _state.card.creator, href=_state.offer.creator_href, class_name="af-small af-creator-name"),
        rx.el.span(_state.card.creator, class_name="af-small"),
    )
    inside = rx.cond(_state.offer.is_sealed, ui.badge("Sealed"), rx.el.span("Open", class_name="af-small"))
    facts = ui.stack(
        ui.row(ui.muted("Version"), ui.spacer(), rx.el.span(_state.offer.version, class_name="af-small")),
        ui.row(ui.muted("Inside"), ui.spacer(), inside),
        ui.row(ui.muted("Licence"), ui.spacer(), rx.el.span(_state.offer.licence, class_name="af-small")),
        ui.row(ui.muted("Installs"), ui.spacer(), rx.el.span(_state.card.install_count, class_name="af-small")),
        ui.row(ui.muted("Creator"), ui.spacer(), creator),
        gap=2,
    )
    price = rx.el.div(_state.offer.price, class_name="af-offer-amount")
    top = ui.stack(
        ui.stack(price, rx.cond(_state.offer.refund_note != "", ui.muted(_state.offer.refund_note), rx.fragment()), gap=1),
        rx.cond(_state.offer.is_intact, action(), broken),
        also,
        facts,
        gap=4,
    )
    allowed = ui.section("What it may do", permission_list(_state.offer.permissions))
    return rx.el.aside(ui.stack(ui.card(top), ui.card(allowed), gap=4), class_name="af-offer-side")


def figures() -> rx.Component:
    """The measured label."""

    def one(figure: Any) -> rx.Component:
        return rx.el.div(rx.el.strong(figure.value), rx.el.span(figure.label), class_name="af-figure")

    drawn = rx.el.div(rx.foreach(_state.offer.figures, one), class_name="af-figures")
    numbers = rx.cond(ui.length_of(_state.offer.figures) > 0, drawn, rx.fragment())
    return ui.section("Measured", ui.card(ui.stack(numbers, ui.muted(_state.offer.measured_note))))


def samples(rows: Any) -> rx.Component:
    """What the seller's tests gave."""

    def one(sample: Any) -> rx.Component:
        verdict = rx.cond(sample.verdict == "passed", ui.badge("Passed", tone="green"), ui.badge("Failed", tone="red"))
        arrow = rx.icon("chevron_right", size=15, aria_hidden="true", class_name="af-sample-arrow")
        head = rx.el.summary(arrow, rx.el.span(sample.name), ui.spacer(), ui.muted(sample.took), verdict)
        values = rx.el.div(
            ui.stack(rx.el.strong("Given", class_name="af-small"), ui.value_view(sample.given, label="Given")),
            ui.stack(rx.el.strong("Result", class_name="af-small"), ui.value_view(sample.answer, label="Result", is_answer=True)),
            class_name="af-sample-values",
        )
        return rx.el.details(head, values, class_name="af-sample")

    shown = ui.section("Sample runs", ui.card(rx.foreach(rows, one)))
    return rx.cond(ui.length_of(rows) > 0, shown, rx.fragment())


def versions() -> rx.Component:
    """The history: published versions never change."""

    def one(version: Any) -> rx.Component:
        mark = rx.cond(version.is_current, ui.badge("Current", tone="accent"), rx.fragment())
        head = ui.row(rx.el.strong(version.number), mark, ui.spacer(), ui.muted(version.published), wrap=True)
        digest = rx.el.span("sha256 ", version.digest, class_name="af-muted af-mono af-small", title="Digest of the package, signed here")
        return ui.stack(head, rx.el.p(version.changelog, class_name="af-small"), digest, gap=1)

    return ui.section("Versions", ui.card(ui.stack(rx.foreach(_state.versions, one), gap=4)))


def install_dialog() -> rx.Component:
    """The permission screen."""
    brings = rx.el.ul(rx.foreach(_state.plan.brings, rx.el.li), class_name="af-small")
    warned = rx.foreach(_state.plan.warnings, lambda text: ui.callout(text, tone="amber"))
    inside = ui.stack(
        ui.section("It will be able to", permission_list(_state.plan.permissions)),
        credential_questions(),
        ui.section("It brings", brings),
        warned,
        no_room(_state.plan.room_note),
        ui.muted("Nothing runs by itself: it has no schedule and no webhook until you make one."),
        gap=5,
    )
    return ui.dialog(
        f"Install {_state.plan.name} {_state.plan.version}",
        inside,
        open=_state.is_planning,
        on_open_change=_state.set_planning,
        footer=(
            ui.dialog_close(ui.button("Cancel")),
            ui.button(
                "Install", variant="primary", loading=_state.is_installing, disabled=_state.plan.room_note != "", on_click=_state.install
            ),
        ),
        width="520px",
        asked_by="install",
    )
