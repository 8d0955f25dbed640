"""The frame of sign-in and sign-up, with a still picture of a workflow beside the form."""

import reflex as rx

from components import ui
from components.shell import brand

_STEPS = (
    ("flow", "message_square", "Question arrives", "“Where is my new card?”"),
    ("ai", "bot", "Triage agent", "card_arrival · 94 % sure"),
    ("human", "user_check", "A person approves", "Refunds over $50 wait here"),
    ("action", "send", "Answer is sent", "1.8 s · 412 tokens · $0.0004"),
)


def _step(category: str, icon: str, title: str, note: str) -> rx.Component:
    picture = rx.el.span(rx.icon(icon, size=17, aria_hidden="true"), class_name=f"af-door-icon af-door-{category}")
    words = rx.el.div(rx.el.div(title, class_name="af-card-title"), rx.el.div(note, class_name="af-muted af-small"))
    return rx.el.li(picture, words, class_name="af-door-step")


def _picture() -> rx.Component:
    return rx.el.aside(
        rx.el.div(
            rx.el.p("Agents you can draw, test and trust.", class_name="af-door-claim"),
            rx.el.ol(*[_step(*step) for step in _STEPS], class_name="af-door-steps"),
            rx.el.p(
                "Every step is shown live and kept: what went in, what came out, how long it took, what it cost.", class_name="af-muted"
            ),
            class_name="af-door-inner",
        ),
        aria_label="What it looks like inside",
        class_name="af-door-picture",
    )


def door_page(*content: ui.Node, title: str, lead: ui.Node) -> rx.Component:
    """Put a form into the frame."""
    form = rx.el.main(
        brand(),
        rx.el.div(rx.el.h1(title), rx.el.p(lead, class_name="af-muted"), class_name="af-door-head"),
        *content,
        class_name="af-door-form",
    )
    return rx.el.div(rx.el.div(form, class_name="af-door-side"), _picture(), class_name="af-door")
