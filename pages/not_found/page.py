"""The page for addresses that lead nowhere; Reflex shows it for every unknown route."""

import reflex as rx

from components import ui
from components.shell import brand


def not_found_page() -> rx.Component:
    """Render the page."""
    return rx.el.main(
        brand(),
        ui.empty_state(
            "There is nothing at this address",
            "The link may be old, or what it led to was deleted or belongs to another workspace.",
            ui.link_button("Go to Home", href="/", variant="primary", icon="house"),
            icon="map_pin_off",
            framed=False,
        ),
        class_name="af-alone",
    )
