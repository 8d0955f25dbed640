"""The cards, the starters and the confirmation of the agents page."""

import reflex as rx

from app.views.agents import AgentCard, StarterCard, WorkflowUse
from components import ui
from components.shell.rights import for_makers
from pages.agents.state import AgentsState

_ICONS = ("inbox", "calculator", "globe", "pen_line")


def agent_card(card: rx.vars.ObjectVar[AgentCard]) -> rx.Component:
    """One agent: a link to its page, with a menu beside it."""
    link = ui.link(
        rx.el.div(
            ui.avatar(card.name.to(str)[:1], size=34, square=True),
            rx.el.div(
                rx.el.div(card.name, class_name="af-card-title af-truncate"),
                rx.el.div(rx.cond(card.role != "", card.role, "No role yet"), class_name="af-muted af-small af-agent-role"),
                class_name="af-agent-words",
            ),
            class_name="af-agent-head",
        ),
        _badges(card),
        rx.el.div(rx.el.span(f"Version {card.version}"), rx.el.span(card.updated), class_name="af-agent-foot"),
        href=f"/agents/{card.id}",
        class_name="af-card af-card-link af-agent-card",
    )
    return rx.el.div(link, for_makers(_menu(card)), class_name="af-agent-slot", key=card.id)


def _badges(card: rx.vars.ObjectVar[AgentCard]) -> rx.Component:
    unavailable = ui.badge("model not set up", tone="amber", icon="triangle_alert")
    tools = rx.cond(card.tools.length() == 1, "1 tool", card.tools.length().to_string() + " tools")
    return rx.el.div(
        rx.cond(card.is_private, ui.badge("private", icon="lock")),
        rx.cond(card.is_demo_model, ui.badge(card.model_label, tone="blue"), ui.badge(card.model_label)),
        rx.cond(card.is_model_available, rx.fragment(), unavailable),
        rx.cond(card.tools.length() > 0, ui.badge(tools, icon="wrench")),
        rx.cond(card.has_output_schema, ui.badge("structured output", icon="braces")),
        class_name="af-row af-row-wrap af-agent-badges",
    )


def _menu(card: rx.vars.ObjectVar[AgentCard]) -> rx.Component:
    trigger = ui.icon_button("ellipsis", label=f"Actions for {card.name}", size="sm", tip=False)
    return rx.el.div(
        ui.menu(
            trigger,
            ui.menu_item("Duplicate", icon="copy", on_click=AgentsState.duplicate(card.id)),
            ui.menu_separator(),
            ui.menu_item("Delete…", icon="trash_2", danger=True, on_click=AgentsState.ask_delete(card.id)),
            align="end",
        ),
        class_name="af-agent-menu",
    )


def starter_card(starter: rx.vars.ObjectVar[StarterCard]) -> rx.Component:
    """One ready-made agent."""
    picture = rx.match(starter.icon, *[(name.replace("_", "-"), rx.icon(name, size=18)) for name in _ICONS], rx.icon("bot", size=18))
    return ui.card_button(
        rx.el.span(picture, class_name="af-starter-icon", aria_hidden="true"),
        rx.el.span(starter.name, class_name="af-card-title"),
        rx.el.span(starter.summary, class_name="af-muted af-small"),
        on_click=AgentsState.start_from(starter.key),
        class_name="af-starter",
        key=starter.key,
    )


def starters() -> rx.Component:
    """The ready-made agents."""
    return ui.section("Begin with a ready-made agent", ui.grid(rx.foreach(AgentsState.starters, starter_card), min_width="230px", gap=3))


def delete_dialog() -> rx.Component:
    """Ask before deleting, and name the workflows that use the agent."""
    uses = AgentsState.doomed_uses
    warning = rx.el.div(
        rx.el.p("These workflows use it. Their next runs will not start until you choose another agent there:"),
        rx.el.ul(rx.foreach(uses, _use)),
        class_name="af-agent-uses",
    )
    words = rx.fragment(
        rx.cond(uses, warning, "No workflow uses it. "),
        "Past runs and conversations are kept.",
    )
    return ui.confirm(
        f"Delete “{AgentsState.doomed_name}”?",
        description=words,  # type: ignore[arg-type] - any node may stand there
        confirm_label="Delete agent",
        on_confirm=AgentsState.delete,
        open=AgentsState.doomed_id != "",
        on_open_change=AgentsState.keep,
    )


def _use(use: rx.vars.ObjectVar[WorkflowUse]) -> rx.Component:
    return rx.el.li(ui.link(use.name, href=f"/workflows/{use.workflow_id}"), " (", use.nodes.join(", "), ")", key=use.workflow_id)
