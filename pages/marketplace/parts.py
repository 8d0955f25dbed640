"""Cards of listings and the bar that narrows them; the listing page shows related cards too."""

from typing import Any

import reflex as rx

from components import ui


def stars(card: Any) -> rx.Component:
    """The mean of the reviews, or nothing before the first."""
    mark = rx.el.span(
        rx.icon("star", size=13, fill="currentColor", aria_hidden="true"),
        card.stars,
        rx.el.span(" stars,", class_name="af-sr"),
        rx.el.span("(", card.rating_count, ")", class_name="af-muted"),
        class_name="af-stars",
    )
    return rx.cond(card.rating_count > 0, mark, rx.fragment())


def listing_card(card: Any) -> rx.Component:
    """A listing: its picture, what it does, who made it, what it costs."""
    tested = rx.el.span(
        rx.icon("circle_check", size=13, aria_hidden="true"),
        card.tests,
        rx.cond(card.tests == 1, " test", " tests"),
        class_name="af-card-tests",
        title="Tests of its creator that passed before this version was published",
    )
    foot = rx.el.div(
        stars(card),
        rx.cond(card.tests > 0, tested, rx.fragment()),
        rx.cond(
            card.install_count > 0,
            rx.el.span(rx.icon("download", size=13, aria_hidden="true"), card.install_count, class_name="af-stars", title="Installs"),
            rx.fragment(),
        ),
        rx.el.span(card.price, class_name="af-offer-price"),
        class_name="af-offer-foot",
    )
    body = rx.el.div(
        rx.el.div(
            rx.el.span(card.category_label),
            rx.el.span("by ", card.creator, class_name="af-card-creator", title=card.creator),
            class_name="af-card-kind",
        ),
        rx.el.h3(card.name, class_name="af-card-title"),
        rx.el.p(card.tagline, class_name="af-muted af-small af-clamp-3"),
        foot,
        class_name="af-offer-body",
    )
    return ui.link(
        ui.miniature(card.miniature), body, href=f"/marketplace/{card.slug}", class_name="af-card af-card-flush af-card-link af-offer-card"
    )


def card_grid(cards: Any) -> rx.Component:
    """Cards side by side."""
    return ui.grid(rx.foreach(cards, listing_card), min_width="250px")
