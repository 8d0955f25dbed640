"""The agent page: form and test chat side by side, as two tabs on narrow screens."""

from typing import Any

import reflex as rx

from components import ui
from components.forms import leave_guard, page_keys
from components.shell import shell_page
from components.shell.rights import LOOKING
from pages.agent.chat import chat_panel
from pages.agent.chat_state import AgentChatState
from pages.agent.form import agent_form
from pages.agent.form_state import AgentFormState
from pages.agent.header import agent_header, conflict_dialog
from pages.elsewhere import not_here
from pages.sharing.parts import share_dialog

_form: Any = AgentFormState  # its attributes are Vars, which the type of the class does not say


def agent_page() -> rx.Component:
    """One agent."""
    title = rx.cond(_form.is_refused, "Agents are made by others here", "No such agent")
    told = rx.cond(_form.is_refused, LOOKING, _form.problem)
    nothing = ui.empty_state(title, told, ui.link_button("All agents", href="/agents"), icon="bot")
    missing = rx.el.div(not_here(_form, nothing), class_name="af-agent-missing")
    return shell_page(
        rx.cond(AgentFormState.problem != "", missing, rx.cond(AgentFormState.is_loading, _outline(), _workbench())),
        title=rx.cond(
            AgentFormState.problem != "", "Agent", rx.cond(AgentFormState.draft.name != "", AgentFormState.draft.name, "New agent")
        ),
        active="agents",
        flush=True,
    )


def _workbench() -> rx.Component:
    view = AgentFormState.view
    switch = ui.segmented((("form", "Form"), ("chat", "Test chat")), value=view, on_change=AgentFormState.set_view, label="What to show")
    return rx.el.div(
        agent_header(),
        rx.el.div(switch, class_name="af-agent-switch"),
        rx.el.div(
            rx.el.div(agent_form(), class_name="af-agent-left", key=AgentFormState.agent.id),
            chat_panel(),
            class_name="af-agent-split",
            custom_attrs={"data-view": view},
        ),
        conflict_dialog(),
        share_dialog(),
        leave_guard(AgentFormState.is_dirty & AgentFormState.agent.can_edit),
        page_keys(on_save=AgentFormState.save, on_escape=AgentChatState.stop),
        class_name="af-agent-page",
    )


def _outline() -> rx.Component:
    return rx.el.div(
        rx.el.div(ui.skeleton_rows(7), class_name="af-agent-form"), ui.skeleton_rows(3), class_name="af-agent-split af-agent-wait"
    )
