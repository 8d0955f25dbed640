"""The cards of the gallery."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell.rights import LOOKING
from pages.templates.state import BLANK, TemplatesState

_session: Any = SessionState  # its attributes are Vars, which the type of the class does not say


def template_card(card: Any) -> rx.Component:
    """A template: its picture, what it does, what it brings, and the button that opens a copy."""
    facts = rx.el.div(rx.foreach(card.features, lambda words: ui.badge(words)), class_name="af-row af-row-wrap af-template-facts")
    button = ui.button(
        "Use template",
        size="sm",
        loading=TemplatesState.opening == card.key,
        disabled=(TemplatesState.opening != "") | ~_session.can_edit,
        title=rx.cond(_session.can_edit, "", LOOKING),
        on_click=TemplatesState.use(card.key),
        aria_label=f"Use template {card.name}",
    )
    words = ui.stack(
        ui.muted(card.category, " · ", card.node_count, " steps"),
        rx.el.h3(card.name, class_name="af-card-title"),
        rx.el.p(card.summary, class_name="af-muted af-small af-clamp-3"),
        gap=1,
        class_name="af-grow-1",
    )
    return rx.el.article(
        ui.miniature(card.miniature),
        rx.el.div(words, facts, ui.row(button), class_name="af-template-body"),
        class_name="af-card af-card-flush af-template",
    )


def blank_card() -> rx.Component:
    """An empty canvas."""
    return rx.el.button(
        rx.el.span(
            rx.cond(TemplatesState.opening == BLANK, ui.spinner(), rx.icon("plus", size=22, aria_hidden="true")), class_name="af-state-icon"
        ),
        rx.el.span("Blank workflow", class_name="af-card-title"),
        rx.el.span("An empty canvas with a Start step.", class_name="af-muted af-small"),
        type="button",
        disabled=TemplatesState.opening != "",
        on_click=TemplatesState.start_blank,
        class_name="af-card af-card-link af-template-blank",
    )


def template_row() -> rx.Component:
    """The first templates, for the home page."""
    cards = ui.grid(rx.foreach(TemplatesState.cards[:4], template_card), min_width="250px")
    row = ui.section("Start from a template", cards, actions=(ui.link("All templates", href="/templates", class_name="af-small"),))
    return rx.cond(ui.length_of(TemplatesState.cards) > 0, row, rx.fragment())
