"""The navigation: a column on wide screens, a top and a bottom bar on phones."""

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell.menus import user_menu, workspace_switcher
from components.shell.palette import palette_button, palette_icon
from components.shell.places import PLACES, Place


def _count(place: Place) -> list[rx.Component]:
    if place.key != "approvals":
        return []
    waiting = SessionState.pending_approvals
    return [rx.cond(waiting > 0, rx.el.span(waiting, aria_label=f"{waiting} waiting", class_name="af-nav-count"), rx.fragment())]


def _place_link(place: Place, active: str, style: str, *, is_short: bool = False) -> rx.Component:
    current = {"aria_current": "page"} if place.key == active else {}
    if is_short and place.short:
        current["aria_label"] = place.label
    return ui.link(
        rx.icon(place.icon, size=17, aria_hidden="true"),
        rx.el.span(place.short or place.label if is_short else place.label),
        *_count(place),
        href=place.href,
        title=place.label,
        class_name=style,
        **current,
    )


def brand(*, words: bool = True, href: str = "/") -> rx.Component:
    """The mark and the name."""
    name = [rx.el.span("Agent Factory", class_name="af-brand-name")] if words else []
    return ui.link(
        rx.el.img(src="/logo.svg", alt="", width="26", height="26"),
        *name,
        href=href,
        aria_label="Agent Factory, home",
        class_name="af-brand",
    )


def side_navigation(active: str) -> rx.Component:
    """The column on the left of wide screens."""
    return rx.el.aside(
        brand(),
        workspace_switcher(),
        palette_button(),
        rx.el.nav(*[_place_link(place, active, "af-nav-link") for place in PLACES], aria_label="Main", class_name="af-nav-links"),
        ui.spacer(),
        rx.cond(SessionState.me.is_demo, _demo_note(), rx.fragment()),
        user_menu(),
        class_name="af-side",
    )


def _demo_note() -> rx.Component:
    return rx.el.div("This is the shared demo account. Sign up to keep your work to yourself.", class_name="af-nav-note")


def top_bar(title: ui.Text) -> rx.Component:
    """The head of narrow screens."""
    return rx.el.header(
        brand(words=False),
        rx.el.span(title, class_name="af-truncate af-top-title"),
        palette_icon(),
        user_menu(narrow=True),
        class_name="af-top",
    )


def visitor_bar() -> rx.Component:
    """The head of public pages for people who are not signed in; the style sheet hides it from everybody else."""
    return rx.el.header(
        brand(href="/marketplace"),
        ui.spacer(),
        ui.link_button("Sign in", href=f"/sign-in{SessionState.door_query}", variant="ghost"),
        ui.link_button("Create account", href=f"/sign-up{SessionState.door_query}", variant="primary"),
        class_name="af-visitor-bar",
    )


def bottom_bar(active: str) -> rx.Component:
    """The thumb-reach navigation of narrow screens."""
    links = [_place_link(place, active, "af-bottom-link", is_short=True) for place in PLACES if place.in_bottom_bar]
    return rx.el.nav(*links, aria_label="Main", class_name="af-bottom")
