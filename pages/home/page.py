"""The home page: what a person sees first. pages lists it."""

import reflex as rx

from components import ui
from components.shell import shell_page


def home_page() -> rx.Component:
    """Render the page."""
    return shell_page(ui.page_header("Home"), title="Home", active="home")
