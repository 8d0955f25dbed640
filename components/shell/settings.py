"""The frame of every settings page: the list of pages beside the content, or a menu above it on phones."""

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell.frame import shell_page
from components.shell.settings_places import GROUPS, SETTINGS, SettingsPlace, places_of


def settings_page(
    *content: ui.Node,
    active: str,
    title: ui.Text,
    description: ui.Text = "",
    actions: tuple[ui.Node, ...] = (),
    wide: bool = False,
) -> rx.Component:
    """Put a settings page into the frame; `active` is a key of SETTINGS, `wide` lets tables use the whole width."""
    words = rx.el.div(rx.el.h2(title), *([rx.el.p(description)] if description else []), class_name="af-grow-1")
    head = rx.el.header(words, *([rx.el.div(*actions, class_name="af-page-actions")] if actions else []), class_name="af-settings-head")
    body = rx.el.div(head, *content, class_name=ui.classes("af-settings-body", "" if wide else "af-settings-narrow"))
    columns = rx.el.div(_side_list(active), _narrow_menu(active), body, class_name="af-settings")
    return shell_page(ui.page_header("Settings"), columns, title="Settings")


def _side_list(active: str) -> rx.Component:
    groups = [
        rx.el.div(rx.el.div(group, class_name="af-settings-group"), *[_side_link(place, active) for place in places_of(group)])
        for group in GROUPS
        if places_of(group)
    ]
    return rx.el.nav(*groups, aria_label="Settings", class_name="af-settings-nav")


def _side_link(place: SettingsPlace, active: str) -> rx.Component:
    current = {"aria_current": "page"} if place.key == active else {}
    icon = rx.icon(place.icon, size=16, aria_hidden="true")
    return _where_it_is(place, ui.link(icon, rx.el.span(place.label), href=place.href, class_name="af-nav-link", **current))


def _narrow_menu(active: str) -> rx.Component:
    here = next(place for place in SETTINGS if place.key == active)
    trigger = rx.el.button(
        rx.icon(here.icon, size=16, aria_hidden="true"),
        rx.el.span(here.label, class_name="af-grow-1"),
        rx.icon("chevrons_up_down", size=14, aria_hidden="true"),
        type="button",
        aria_label=f"Settings: {here.label}",
        class_name="af-switcher",
    )
    items: list[ui.Node] = []
    for number, group in enumerate(group for group in GROUPS if places_of(group)):
        items += [ui.menu_separator()] if number else []
        items += [ui.menu_label(group), *[_narrow_item(place, active) for place in places_of(group)]]
    return rx.el.div(ui.menu(trigger, *items), class_name="af-settings-menu")


def _narrow_item(place: SettingsPlace, active: str) -> rx.Component:
    item = ui.menu_item(place.label, icon=place.icon, hint="✓" if place.key == active else "", on_click=rx.redirect(place.href))
    return _where_it_is(place, item)


def _where_it_is(place: SettingsPlace, shown: rx.Component) -> rx.Component:
    return rx.cond((SessionState.workspace.plan != "") | SessionState.me.is_operator, shown, rx.fragment()) if place.is_of_plans else shown
