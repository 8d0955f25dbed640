"""What pages that speak of letters say where no mail server is set up; the outbox exists outside production only."""

import reflex as rx

from app.wiring import get_wiring
from components import ui


def letters_stay_here() -> bool:
    """Whether this installation keeps its letters instead of sending them."""
    return get_wiring().ports.mailer.kind == "outbox"


def outbox_words() -> rx.Component:
    """One sentence with the way to the letters."""
    return rx.fragment("No mail server is set up here: letters stand in the ", ui.link("outbox", href="/outbox"), ". ")
