"""The chat beside the form: head, test values, messages, message box."""

import reflex as rx

from app.views.conversations import ConversationRow, MessageView
from components import ui
from components.chat import ChatActions, answer, chat_scroll, composer, live_answer, question
from components.forms import bare_input
from pages.agent.chat_state import AgentChatState
from pages.agent.conversations_state import AgentConversationsState
from pages.agent.form_state import AgentFormState
from pages.agent.variables import Variable

_SUGGESTIONS = ("What can you do for me?", "What is 17% of 2,480?", "My card was charged twice, what now?")
_is_busy = AgentChatState.running_id != ""
_may_not = rx.cond(AgentFormState.agent.can_run, False, True)


def chat_panel() -> rx.Component:
    """The test chat."""
    return rx.el.section(
        _head(),
        _test_values(),
        chat_scroll(_messages(), room=AgentChatState.conversation_id),
        _foot(),
        class_name="af-chat",
        aria_label="Test chat",
    )


def _head() -> rx.Component:
    unsaved = ui.badge("tests your unsaved changes", tone="amber")
    saved = rx.el.span(f"tests version {AgentFormState.agent.version}", class_name="af-muted af-small")
    tested = rx.cond(AgentFormState.is_dirty | (AgentFormState.agent.id == ""), unsaved, saved)
    return rx.el.div(
        rx.el.h2("Test chat"),
        tested,
        ui.spacer(),
        rx.cond(AgentFormState.agent.id != "", _conversations(), rx.fragment()),
        ui.icon_button("square_pen", label="New conversation", on_click=AgentChatState.begin_anew),
        class_name="af-chat-head",
    )


def _conversations() -> rx.Component:
    none = ui.muted("No conversations yet.")
    rows = rx.el.ul(rx.foreach(AgentConversationsState.rows, _conversation), class_name="af-conversations")
    return rx.popover.root(
        rx.popover.trigger(ui.icon_button("messages_square", label="Conversations", tip=False, title="Conversations")),
        rx.popover.content(
            rx.el.h2("Conversations", class_name="af-popover-title"),
            rx.cond(AgentConversationsState.rows, rows, none),
            width="330px",
            align="end",
            side_offset=6,
        ),
        open=AgentConversationsState.is_open,
        on_open_change=AgentConversationsState.set_open,
    )


def _conversation(row: rx.vars.ObjectVar[ConversationRow]) -> rx.Component:
    field = rx.el.input(
        name="title", default_value=row.title, aria_label="Title", auto_focus=True, max_length=160, class_name="af-input af-size-sm"
    )
    title = rx.el.form(
        field,
        on_submit=AgentConversationsState.set_title,
    )
    open_it = rx.el.button(
        rx.el.span(row.title, class_name="af-truncate"),
        rx.el.span(row.updated, class_name="af-muted af-small"),
        type="button",
        on_click=AgentConversationsState.choose(row.id),
        aria_current=AgentChatState.conversation_id == row.id,
        class_name="af-conversation",
    )
    rename = ui.icon_button("pencil", label="Rename", size="sm", tip=False, on_click=AgentConversationsState.rename(row.id))
    delete = ui.icon_button("trash_2", label="Delete", size="sm", tip=False, on_click=AgentConversationsState.delete(row.id))
    return rx.el.li(rx.cond(AgentConversationsState.renaming_id == row.id, title, rx.fragment(open_it, rename, delete)), key=row.id)


def _test_values() -> rx.Component:
    """Fields for the variables that the instructions use, shown only when there are any."""

    def value(variable: rx.vars.ObjectVar[Variable]) -> rx.Component:
        control = bare_input(
            label=f"Test value of {variable.path}",
            value=AgentChatState.values[variable.path],
            on_change=lambda text: AgentChatState.set_value(variable.path, text),
        )
        problem = rx.el.div(AgentFormState.problems[variable.path], class_name="af-error", role="alert")
        shown = rx.el.div(rx.el.code(variable.path), control, problem, class_name="af-test-value", key=variable.path)
        return rx.cond(variable.is_input, shown, rx.fragment())

    box = rx.el.details(
        rx.el.summary("Test values", rx.el.span("for the variables in the instructions", class_name="af-muted")),
        rx.foreach(AgentFormState.variables, value),
        open=True,
        class_name="af-test-values",
    )
    return rx.cond(AgentFormState.has_inputs, box, rx.fragment())


def _messages() -> rx.Component:
    act = ChatActions(
        editing_id=AgentChatState.editing_id,
        on_edit=AgentChatState.edit,
        on_resend=AgentChatState.resend,
        on_regenerate=AgentChatState.regenerate,
        can_act=rx.cond(_is_busy, False, AgentFormState.agent.can_run),
    )

    def message(one: rx.vars.ObjectVar[MessageView]) -> rx.Component:
        live = live_answer(
            one, settled=AgentChatState.settled, tail=AgentChatState.tail, tools=AgentChatState.tools, waiting=AgentChatState.waiting
        )
        said = rx.cond(one.role == "user", question(one, act), rx.cond(one.id == AgentChatState.running_id, live, answer(one, act)))
        return rx.el.div(said, key=one.id)

    return rx.cond(AgentChatState.messages, rx.fragment(rx.foreach(AgentChatState.messages, message)), _nothing_said())


def _nothing_said() -> rx.Component:
    def suggestion(text: str) -> rx.Component:
        return rx.el.button(text, type="button", on_click=AgentChatState.send(text), class_name="af-suggestion", disabled=_may_not)

    return rx.el.div(
        ui.empty_state(
            "Try it out",
            "What you test is the form as it stands, saved or not. Each answer shows its tool calls, tokens, cost and time.",
            icon="message_circle",
            framed=False,
            compact=True,
        ),
        rx.el.div(*[suggestion(text) for text in _SUGGESTIONS], class_name="af-suggestions"),
    )


def _foot() -> rx.Component:
    problem = rx.cond(
        AgentChatState.problem != "", rx.el.div(ui.callout(AgentChatState.problem, tone="red"), class_name="af-chat-problem", role="alert")
    )
    may = AgentFormState.agent.can_run
    return rx.el.div(
        problem,
        composer(
            on_send=AgentChatState.send,
            on_stop=AgentChatState.stop,
            is_busy=_is_busy,
            is_disabled=_may_not,
            placeholder=rx.cond(may, "Message the agent…", "Your role may look, but not run agents."),
            restore=AgentChatState.refused,
            room=AgentChatState.conversation_id,
        ),
        rx.el.div("Enter sends · Shift+Enter new line · Esc stops", class_name="af-chat-keys"),
        class_name="af-chat-foot",
    )
