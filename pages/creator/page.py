"""A creator's public page: who it is, what is on the shelf, what others say."""

from typing import Any

import reflex as rx

from components import ui
from components.shell import shell_page
from pages.creator.state import CreatorState
from pages.marketplace.parts import card_grid, stars
from pages.offer.review_parts import star_marks

_state: Any = CreatorState


def _review(one: Any) -> rx.Component:
    head = ui.row(ui.avatar(one.initials), rx.el.strong(one.author), star_marks(one.stars), ui.spacer(), ui.muted(one.when), wrap=True)
    text = rx.cond(one.text != "", rx.el.p(one.text, class_name="af-review-text"), rx.fragment())
    reply = rx.cond(one.reply != "", ui.callout(one.reply, title="The creator: "), rx.fragment())
    about = rx.el.p(ui.muted("About "), ui.link(one.listing, href=one.href), class_name="af-small")
    return ui.card(ui.stack(head, text, reply, about, gap=2))


def creator_page() -> rx.Component:
    """Render the page."""
    back = ui.link("Marketplace", href="/marketplace", class_name="af-small af-muted")
    header = ui.page_header(
        _state.creator.name,
        before=ui.row(back, rx.cond(_state.creator.rating_count > 0, ui.row(ui.muted("·"), stars(_state.creator)), rx.fragment())),
        description=_state.creator.about,
    )
    said = rx.cond(
        ui.length_of(_state.said) > 0, ui.section("What others say", ui.stack(rx.foreach(_state.said, _review), gap=3)), rx.fragment()
    )
    content = rx.fragment(header, ui.stack(ui.section("Listings", card_grid(_state.cards)), said, gap=8))
    body = rx.cond(
        _state.problem != "",
        ui.error_state(_state.problem, title="This creator cannot be shown", on_retry=_state.load),
        rx.cond(_state.is_loading, ui.skeleton_cards(4, height="250px"), content),
    )
    return shell_page(body, title="Creator", active="marketplace", is_public=True)
