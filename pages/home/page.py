"""The home page: what a person sees first. pages lists it."""

import reflex as rx

from app.session import SessionState
from components import ui
from components.shell import shell_page
from components.shell.rights import for_makers, looking_badge
from pages.home import parts
from pages.home.state import HomeState
from pages.templates.parts import template_row


def _content() -> rx.Component:
    return ui.stack(
        parts.notices(),
        parts.waiting_approvals(),
        parts.getting_started(),
        for_makers(template_row()),
        rx.el.div(parts.recent_runs(), ui.stack(parts.recent_workflows(), parts.recent_agents(), gap=6), class_name="af-columns"),
        gap=8,
    )


def home_page() -> rx.Component:
    """Render the page."""
    greeting = rx.cond(SessionState.is_ready, f"Welcome, {SessionState.me.name.split(' ')[0]}", "Welcome")
    header = ui.page_header(
        greeting,
        description="Draw a workflow, test its agents, run it and watch every step.",
        actions=(
            for_makers(
                ui.link_button("New agent", href="/agents/new", icon="bot"),
                ui.link_button("New workflow", href="/templates", icon="plus", variant="primary"),
            ),
            looking_badge(),
        ),
    )
    body = rx.cond(
        HomeState.is_loading,
        parts.loading(),
        rx.cond(HomeState.problem != "", ui.error_state(HomeState.problem, on_retry=HomeState.load), _content()),
    )
    return shell_page(header, body, ui.pulse(HomeState.follow, every_s=5), title="Home", active="home")
