"""The head that every page about triggers shares: title, tabs as routes, and the page's own actions.

A new kind of trigger adds its route to TABS and returns `triggers_page(...)` from its page.
"""

import reflex as rx

from components import ui
from components.shell import shell_page

TABS: tuple[tuple[str, str, str], ...] = (
    ("schedules", "Schedules", "/triggers"),
    ("calendar", "Calendar", "/triggers/calendar"),
    ("events", "Events", "/triggers/events"),
    ("webhooks", "Webhooks", "/triggers/webhooks"),
    ("outgoing", "Outgoing", "/triggers/outgoing"),
)
"""Key, label, address."""


def triggers_page(*content: ui.Node, active: str, actions: tuple[ui.Node, ...] = (), query: ui.Text = "") -> rx.Component:
    """Put a page into the frame; `active` is a key of TABS, `query` (with its "?") is kept when the tab changes."""
    header = ui.page_header("Triggers", description="What starts your workflows without anybody pressing Run.", actions=actions)
    tabs = ui.route_tabs(TABS, active=active, label="Kinds of triggers", query=query)
    return shell_page(header, tabs, *content, title="Triggers", active="triggers")
