"""The publish wizard."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.forms.draft import kept_draft
from components.shell import shell_page
from pages.marketplace.page import SHELVES
from pages.offer.parts import permission_list
from pages.sell.draft_state import DraftState, owner_of
from pages.sell.pictures_parts import pictures_form
from pages.sell.pictures_state import PicturesState
from pages.sell.publish_state import PublishState

_publish: Any = PublishState
_draft: Any = DraftState
_pictures: Any = PicturesState
LOOKS = (
    ("open", "Everything: they can look inside and change their copy"),
    ("sealed", "Sealed: they run it, and never see prompts, code and steps"),
)
SEALED_NOTE = (
    "They see its name, inputs, results, permissions, time and cost. Whoever owns the model account can still read requests there, and a "
    "model can be talked into repeating its instructions: keep what must stay secret out of prompts."
)
BILLING = (("once", "Once, to keep"), ("month", "Every month, to run while it is paid"))
LICENCES = (("standard", "Standard: use it in your workspace, no reselling"), ("mit", "MIT"), ("apache-2.0", "Apache 2.0"))
AFTERWARDS = "An operator of this installation looks at it first. A version never changes; the next one gets a higher number."
KEPT = "Your draft is kept in this browser until you send it."


def _check(one: Any) -> rx.Component:
    mark = rx.cond(
        one.is_ok, rx.icon("circle_check", size=16, class_name="af-check-ok"), rx.icon("circle_alert", size=16, class_name="af-check-bad")
    )
    return rx.el.div(
        mark, rx.el.div(rx.el.strong(one.title), rx.cond(one.is_ok, rx.fragment(), rx.el.p(one.remedy))), class_name="af-check-line"
    )


def _text(label: str, name: str, **props: Any) -> rx.Component:
    make = ui.text_area if "rows" in props else ui.text_field
    return make(
        label,
        name=name,
        value=_publish.form[name],
        on_change=lambda value: _publish.set_field(name, value),
        error=_publish.errors[name],
        **props,
    )


def _choice(label: str, name: str, choices: Any) -> rx.Component:
    return ui.select(
        label,
        choices,
        name=name,
        value=_publish.form[name],
        on_change=lambda value: _publish.set_field(name, value),
        error=_publish.errors[name],
    )


def _fields() -> rx.Component:
    return ui.stack(
        _text("Name", "name"),
        _text("Summary", "tagline", help="One sentence below the name on its card."),
        _text("Description", "description", rows=8, help="What it does, for whom, and what it needs, in 80 characters or more. Markdown."),
        pictures_form(_publish.errors["pictures"]),
        _choice("What buyers see", "look", LOOKS),
        rx.cond(_publish.form["look"] == "sealed", ui.muted(SEALED_NOTE), rx.fragment()),
        ui.grid(_choice("Shelf", "category", SHELVES), _choice("Licence", "licence", LICENCES), min_width="260px"),
        ui.grid(_text("Price in dollars", "price", help="0 makes it free."), _choice("Paid", "billing", BILLING), min_width="260px"),
        _text("Version", "version"),
        _text("What has changed", "changelog", rows=3, help="For those who have an earlier version; the first one needs none."),
        ui.row(
            ui.button(
                "Send for review", variant="primary", loading=_publish.is_publishing, disabled=~_publish.is_ready, on_click=_publish.publish
            ),
            ui.muted(rx.cond(_publish.is_ready, AFTERWARDS, "First mend what the checks name.")),
            wrap=True,
        ),
        _kept_note(),
        gap=4,
    )


def _kept_note() -> rx.Component:
    """What was typed is safe, and how to be rid of it."""
    discard = ui.confirm(
        "Discard the draft?",
        description="What you typed and chose here is gone, and the form shows what was last published.",
        confirm_label="Discard",
        on_confirm=_publish.discard,
        trigger=ui.button("Discard draft", size="sm", variant="ghost"),
    )
    kept = ui.row(rx.icon("save", size=14, aria_hidden="true"), ui.muted(KEPT), discard, wrap=True)
    return rx.cond(_draft.is_kept | (_pictures.changed != ""), kept, rx.fragment())


def _form() -> rx.Component:
    fields = kept_draft(
        _fields(),
        owner=owner_of(SessionState.me.email, SessionState.workspace.id),
        place=_draft.place,
        loaded=_draft.loaded,
        more=_pictures.changed,
        on_restore=_publish.restore,
    )
    way = ui.row(ui.link("Open its tests", href=_publish.tests_href, class_name="af-small"), ui.muted("Your draft is kept."), wrap=True)
    checks = ui.card(ui.section("Checks", ui.stack(rx.foreach(_publish.checks, _check), way)))
    allowed = ui.card(ui.section("Buyers will see that it may", permission_list(_publish.permissions)))
    return rx.el.div(ui.card(fields), ui.stack(checks, allowed, gap=4), class_name="af-sell-columns")


def publish_page() -> rx.Component:
    """The wizard."""
    body = rx.cond(
        _publish.is_loading,
        ui.skeleton_rows(6),
        rx.cond(_publish.problem != "", ui.error_state(_publish.problem, title="This cannot be published"), _form()),
    )
    back = ui.link("Sell", href="/marketplace/sell", class_name="af-small af-muted")
    header = ui.page_header(rx.cond(_publish.workflow_name != "", f"Publish {_publish.workflow_name}", "Publish"), before=back)
    return shell_page(header, body, title="Publish", active="marketplace")
