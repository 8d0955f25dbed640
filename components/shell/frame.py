"""The frame around every page that needs a session."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components import ui
from components.scripts import script
from components.shell.navigation import bottom_bar, side_navigation, top_bar, visitor_bar
from components.shell.palette import command_palette

_WATCH = script(__name__, "session_watch.jsx")
_state: Any = rx.State  # its attributes are Vars, which the type of the class does not say


class SessionWatch(rx.Component):
    """Signs out, leaves when another tab signed out, and drops what another person left in the tab."""

    library = _WATCH
    tag = "SessionWatch"

    person: rx.Var[str]


def shell_page(
    *content: ui.Node,
    title: ui.Text,
    active: str = "",
    flush: bool = False,
    wide: bool = False,
    rail: bool = False,
    is_public: bool = False,
) -> rx.Component:
    """Put a page into the frame.

    `title` heads the narrow screens; `active` is a key of PLACES. `flush` gives the content the whole area without
    padding or scrolling of its own (the editor); `wide` only lifts the limit of the reading width. `rail` reduces the
    navigation to its icons. Until the load handlers of the page are through, its buttons and fields take no clicks:
    a load handler sets the page's state up, and would undo what a click before it began. A page that `is_public` has
    the bar of visitors besides, which stands in place of the navigation as long as nobody is signed in.
    """
    style = "af-main-flush" if flush else "af-main-wide" if wide else "af-main-page"
    return rx.el.div(
        rx.el.a("Skip to content", href="#content", class_name="af-skip"),
        side_navigation(active),
        rx.el.div(
            *([visitor_bar()] if is_public else []),
            top_bar(title),
            rx.el.main(*content, id="content", tab_index=-1, aria_busy=~_state.is_hydrated, class_name=ui.classes("af-main", style)),
            bottom_bar(active),
            class_name="af-column",
        ),
        command_palette(),
        SessionWatch.create(person=SessionState.me.email),
        rx.cond(SessionState.is_ready, ui.pulse(SessionState.follow, every_s=15), rx.fragment()),
        ui.Arrival.create(),
        class_name=_frame_class("af-shell af-shell-rail" if rail else "af-shell", is_public),
    )


def _frame_class(usual: str, is_public: bool) -> ui.Text:
    return rx.cond(SessionState.is_visitor, f"{usual} af-shell-visitor", usual) if is_public else usual
