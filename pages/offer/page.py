"""The page of a listing: look inside, see what it may do and how it does, then install or buy."""

from typing import Any

import reflex as rx

from components import ui
from components.canvas.bridge import act
from components.canvas.chrome import canvas_tools
from components.canvas.flow import flow_canvas
from components.gallery import gallery
from components.shell import shell_page
from pages.marketplace.missing import missing_page
from pages.marketplace.parts import card_grid, stars
from pages.offer import parts
from pages.offer.ask_parts import credentials_dialog, credentials_offer
from pages.offer.review_parts import reviews
from pages.offer.state import OfferState
from pages.offer.try_parts import try_it
from pages.offer.update_parts import update_dialog, update_offer

_state: Any = OfferState
SEALED = "Sealed: it runs in your workspace with your keys and credentials, and its creator keeps prompts, code and steps to themselves."


def _broken() -> rx.Component:
    return ui.error_state(_state.problem, title="This listing cannot be shown", on_retry=_state.load)


def _picture() -> rx.Component:
    """The steps, so large that their names are read."""
    note = ui.muted("The steps and how they follow on each other. What is in them comes with it.")
    return ui.stack(
        rx.el.div(
            flow_canvas(overlay=None, is_named=True),
            ui.button("Show all", icon="maximize", size="sm", on_click=act("fit"), class_name="af-show-all"),
            canvas_tools(),
            class_name="af-offer-canvas",
        ),
        rx.cond(_state.offer.is_outline, note, rx.fragment()),
        rx.cond(_state.offer.is_sealed, ui.muted(SEALED), rx.fragment()),
        gap=2,
    )


def offer_page() -> rx.Component:
    """Render the page."""
    back = ui.link("Marketplace", href="/marketplace", class_name="af-small af-muted")
    header = ui.page_header(
        _state.card.name,
        before=ui.row(back, ui.muted("·"), ui.muted(_state.card.category_label), stars(_state.card)),
        description=_state.card.tagline,
    )
    others = rx.cond(ui.length_of(_state.related) > 0, ui.section("More like this", card_grid(_state.related)), rx.fragment())
    main = ui.stack(
        gallery(_state.offer.pictures),
        _picture(),
        ui.card(ui.markdown(_state.offer.description)),
        try_it(),
        parts.figures(),
        parts.samples(_state.samples),
        reviews(),
        parts.versions(),
        gap=6,
    )
    columns = rx.el.div(main, parts.side(ui.stack(update_offer(), credentials_offer())), class_name="af-offer-columns")
    note = rx.cond(_state.offer.state_note != "", ui.callout(_state.offer.state_note, tone="amber"), rx.fragment())
    content = rx.fragment(header, note, ui.stack(columns, others, gap=8), parts.install_dialog(), update_dialog(), credentials_dialog())
    body = rx.cond(
        _state.problem != "",
        rx.cond(_state.is_missing, missing_page("There is no such listing here", meant=_state.related), _broken()),
        rx.cond(_state.is_loading, ui.skeleton_cards(3, height="220px"), content),
    )
    return shell_page(body, title="Marketplace", active="marketplace", is_public=True)
