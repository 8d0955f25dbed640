"""The places of the product: what the navigation, the bottom bar and the command palette list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A top-level page. `keys` are words the palette also finds it by."""

    key: str
    label: str
    href: str
    icon: str
    keys: str
    in_bottom_bar: bool = True
    short: str = ""  # the label where there is no room for the whole


PLACES: tuple[Place, ...] = (
    Place("home", "Home", "/", "house", "Start, what to do next"),
    Place("agents", "Agents", "/agents", "bot", "Models with a role and tools"),
    Place("workflows", "Workflows", "/workflows", "workflow", "Canvas, editor"),
    Place("runs", "Runs", "/runs", "activity", "History, traces, costs"),
    Place("triggers", "Triggers", "/triggers", "alarm_clock", "Schedules, events, calendar", in_bottom_bar=False),
    Place("approvals", "Approvals", "/approvals", "circle_check_big", "Decisions that wait for you"),
    Place("marketplace", "Marketplace", "/marketplace", "store", "Browse, install, buy and sell", short="Market"),
    Place("templates", "Templates", "/templates", "layout_template", "Ready-made workflows", in_bottom_bar=False),
)
