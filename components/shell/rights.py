"""What is offered to whoever may make things, and what stands there for people whose role lets them only look."""

import reflex as rx

from app.session import SessionState
from components import ui

LOOKING = "You may only look around in this workspace. Ask an owner or admin to change your role."


def for_makers(*parts: ui.Node) -> rx.Component:
    """Shown to everybody whose role lets them make and change things."""
    return rx.cond(SessionState.can_edit, rx.fragment(*parts), rx.fragment())


def looking_badge() -> rx.Component:
    """In place of the buttons at the head of a page."""
    return rx.cond(SessionState.can_edit, rx.fragment(), ui.badge("view only", icon="eye", title=LOOKING))
