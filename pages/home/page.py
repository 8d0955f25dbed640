"""The home page: what a person sees first. pages lists it."""

import reflex as rx


def home_page() -> rx.Component:
    """Render the page."""
    return rx.el.main(rx.el.h1("Agent Factory"), rx.el.p("Build, test and run AI agents."))
