"""A creator's public page: who it is, what is on the shelf, what others say."""

from typing import Any

import reflex as rx

from components import ui
from components.reason import reason_dialog
from components.shell import shell_page
from pages.creator.clearing_state import ClearingState
from pages.creator.parts import face
from pages.creator.state import CreatorState
from pages.marketplace.missing import missing_page
from pages.marketplace.parts import card_grid, stars
from pages.offer.review_parts import star_marks

_state: Any = CreatorState
_clearing: Any = ClearingState
OUT = "nofollow noopener noreferrer ugc"


def _review(one: Any) -> rx.Component:
    head = ui.row(ui.avatar(one.initials), rx.el.strong(one.author), star_marks(one.stars), ui.spacer(), ui.muted(one.when), wrap=True)
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), rx.fragment())
    reply = rx.cond(one.reply != "", ui.callout(one.reply, title="The creator: "), rx.fragment())
    about = rx.el.p(ui.muted("About "), ui.link(one.listing, href=one.href), class_name="af-small")
    return ui.card(ui.stack(head, text, reply, about, gap=2))


def _profile() -> rx.Component:
    """What the creator says, and where else they are; nothing where they have written nothing."""
    one = _state.creator
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-lines"), rx.fragment())
    site = rx.el.a(
        rx.icon("external_link", size=14, aria_hidden="true"),
        one.website_label,
        href=one.website,
        rel=OUT,
        target="_blank",
        class_name="af-link af-small af-website",
    )
    words = ui.stack(text, rx.cond(one.website != "", site, rx.fragment()), gap=2)
    has = (one.text != "") | (one.website != "") | (one.picture != "")
    row = rx.el.div(face(one.picture, one.initials), words, class_name="af-creator-row")
    return rx.cond(has, row, rx.fragment())


def _actions() -> rx.Component:
    """For its own people, and for operators."""
    one = _state.creator
    own = ui.link_button("Edit", href="/marketplace/sell?profile=1", icon="pencil")
    clear = ui.button("Empty the profile", on_click=_clearing.set_open(True))
    return ui.row(rx.cond(one.is_own, own, rx.fragment()), rx.cond(one.can_clear, clear, rx.fragment()), _question())


def _question() -> rx.Component:
    return reason_dialog(
        "Empty this profile?",
        "Name, text, link and picture go; listings stand under the workspace's name. The creator reads the reason.",
        act="Empty it",
        state=_clearing,
        open=_clearing.is_open,
        on_open_change=_clearing.set_open,
        on_confirm=_clearing.clear,
    )


def _broken() -> rx.Component:
    return ui.error_state(_state.problem, title="This creator cannot be shown", on_retry=_state.load)


def creator_page() -> rx.Component:
    """Render the page."""
    back = ui.link("Marketplace", href="/marketplace", class_name="af-small af-muted")
    header = ui.page_header(
        _state.creator.name,
        before=ui.row(back, rx.cond(_state.creator.rating_count > 0, ui.row(ui.muted("·"), stars(_state.creator)), rx.fragment())),
        description=_state.creator.about,
        actions=(_actions(),),
    )
    said = rx.cond(
        ui.length_of(_state.said) > 0, ui.section("What others say", ui.stack(rx.foreach(_state.said, _review), gap=3)), rx.fragment()
    )
    content = rx.fragment(header, ui.stack(_profile(), ui.section("Listings", card_grid(_state.cards)), said, gap=8))
    body = rx.cond(
        _state.problem != "",
        rx.cond(_state.is_missing, missing_page("There is no such creator here"), _broken()),
        rx.cond(_state.is_loading, ui.skeleton_cards(4, height="250px"), content),
    )
    return shell_page(body, title="Creator", active="marketplace", is_public=True)
