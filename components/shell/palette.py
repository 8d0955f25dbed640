"""The command palette (Ctrl/Cmd-K) and the button that opens it."""

from typing import Any

import reflex as rx

from app.session import SessionState
from components.scripts import script
from components.shell.places import PLACES
from components.shell.settings_places import SETTINGS

_ASSET = script(__name__, "palette.jsx")
_OPEN = "window.dispatchEvent(new Event('af:palette'))"

_ACTIONS: list[dict[str, str]] = [
    *({"group": "Go to", "label": place.label, "hint": place.keys, "href": place.href} for place in PLACES),
    *({"group": "Settings", "label": f"Settings: {place.label}", "hint": place.keys, "href": place.href} for place in SETTINGS),
    {"group": "Create", "label": "New workflow", "hint": "From a template or blank", "href": "/templates"},
    {"group": "Create", "label": "New agent", "hint": "Role, instructions, model, tools", "href": "/agents/new"},
    {"group": "Appearance", "label": "Light theme", "hint": "Appearance", "mode": "light"},
    {"group": "Appearance", "label": "Dark theme", "hint": "Appearance", "mode": "dark"},
    {"group": "Appearance", "label": "Theme of the system", "hint": "Appearance", "mode": "system"},
    {"group": "Account", "label": "Sign out", "hint": "Account", "event": "af:sign-out"},
]


class CommandPalette(rx.Component):
    """The JSX palette; use `command_palette`."""

    library = _ASSET
    tag = "CommandPalette"

    actions: rx.Var[list[dict[str, str]]]
    entries: rx.Var[list[Any]]
    on_open: rx.EventHandler[rx.event.no_args_event_spec]


def command_palette() -> rx.Component:
    """Mounted once per page by the frame; reads agents and workflows when it opens."""
    looking = [one for one in _ACTIONS if one["group"] != "Create"]
    actions = rx.cond(SessionState.can_edit, _ACTIONS, looking)
    return CommandPalette.create(actions=actions, entries=SessionState.palette, on_open=SessionState.open_palette)


def palette_button() -> rx.Component:
    """Looks like a search box, opens the palette."""
    return rx.el.button(
        rx.icon("search", size=15, aria_hidden="true"),
        rx.el.span("Search", class_name="af-nav-search-words"),
        rx.el.kbd("Ctrl K", class_name="af-kbd"),
        type="button",
        aria_label="Search (Ctrl K)",
        on_click=rx.call_script(_OPEN),
        class_name="af-nav-search",
    )


def palette_icon() -> rx.Component:
    """The same for the narrow top bar."""
    return rx.el.button(
        rx.icon("search", size=18, aria_hidden="true"),
        type="button",
        aria_label="Search",
        on_click=rx.call_script(_OPEN),
        class_name="af-button af-button-ghost af-icon-button",
    )
