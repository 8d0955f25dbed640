"""The chat beside the form: head, test values, messages, message box."""

from typing import Any

import reflex as rx

from app.session import SessionState
from app.views.conversations import ConversationRow, MessageView
from components import ui
from components.chat import ChatActions, LiveParts, answer, chat_scroll, composer, live_answer, question
from components.forms import bare_input
from pages.agent.chat_state import AgentChatState
from pages.agent.conversations_state import AgentConversationsState
from pages.agent.form_state import AgentFormState
from pages.agent.values_state import TYPES, AgentValuesState, ValueField

_SUGGESTIONS = (
    "What can you do for me?",
    "Draft a reply: My card was charged twice, what now?",
    "List three questions about opening a second shop",
)
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
        _conversations(),
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
    state = AgentValuesState
    head = rx.el.button(
        rx.icon("chevron_right", size=14, class_name="af-fold-chevron", aria_hidden="true"),
        "Test values",
        rx.el.span(state.summary, class_name="af-muted"),
        type="button",
        aria_expanded=state.is_open,
        on_click=state.toggle,
        class_name="af-test-values-head",
    )
    help = rx.el.p("The instructions use these; in a workflow the run fills them.", class_name="af-help")
    rows = rx.el.div(help, rx.foreach(state.fields, _test_value), class_name="af-test-values-list")
    box = rx.el.section(head, rx.cond(state.is_open, rows, rx.fragment()), class_name="af-test-values", aria_label="Test values")
    return rx.cond(state.fields, box, rx.fragment())


def _test_value(one: rx.vars.ObjectVar[ValueField]) -> rx.Component:
    def keep(text: Any) -> Any:
        return AgentValuesState.set_text(one.path, text)

    name = rx.el.span(
        rx.el.code(one.path, title=one.path), rx.cond(one.is_required, rx.fragment(), rx.el.span("optional", class_name="af-label-hint"))
    )
    label = f"Test value of {one.path}"
    line = bare_input(label=label, value=one.text, on_change=keep)
    area = bare_input(label=label, value=one.text, on_change=keep, multiline=True, rows=2)
    yes_no = rx.el.select(
        rx.el.option("Choose…", value=""),
        rx.el.option("Yes", value="true"),
        rx.el.option("No", value="false"),
        value=one.text,
        on_change=keep,
        aria_label=label,
        class_name="af-input af-size-sm af-select",
    )
    list_area = bare_input(label=label, value=one.text, on_change=keep, multiline=True, rows=2, placeholder="One entry a line, or JSON")
    json_area = bare_input(label=label, value=one.text, on_change=keep, multiline=True, rows=2, placeholder='{"name": "value"}')
    control = rx.match(one.type, ("boolean", yes_no), ("list", list_area), ("json", json_area), ("text", area), line)
    kind = rx.el.select(
        *[rx.el.option(words, value=key) for key, words in TYPES],
        value=one.type,
        on_change=lambda chosen: AgentValuesState.set_type(one.path, chosen),
        aria_label=f"Type of {one.path}",
        class_name="af-input af-size-sm af-select",
    )
    problem = rx.cond(one.problem != "", rx.el.div(one.problem, class_name="af-error", role="alert"), rx.fragment())
    return rx.el.div(name, control, kind, problem, class_name="af-test-value", key=one.path)


def _messages() -> rx.Component:
    act = ChatActions(
        editing_id=AgentChatState.editing_id,
        on_edit=AgentChatState.edit,
        on_resend=AgentChatState.resend,
        on_regenerate=AgentChatState.regenerate,
        on_version=AgentChatState.show_version,
        can_act=rx.cond(_is_busy, False, AgentFormState.agent.can_run),
    )

    under_way = LiveParts(
        settled=AgentChatState.settled,
        tail=AgentChatState.tail,
        tools=AgentChatState.tools,
        waiting=AgentChatState.waiting,
        retry=AgentChatState.retry,
    )

    def message(one: rx.vars.ObjectVar[MessageView]) -> rx.Component:
        live = live_answer(one, act, under_way)
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
        rx.el.div(*[suggestion(text) for text in _SUGGESTIONS], class_name="af-openers"),
    )


def _foot() -> rx.Component:
    words = rx.cond(AgentChatState.problem != "", AgentChatState.problem, AgentValuesState.refusal)
    problem = rx.cond(words != "", rx.el.div(ui.callout(words, tone="red"), class_name="af-chat-problem", role="alert"))
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
            owner=SessionState.me.email,
            room=AgentFormState.agent.id + ":" + AgentChatState.conversation_id,
        ),
        rx.el.div("Enter sends · Shift+Enter new line · Esc stops", class_name="af-chat-keys"),
        class_name="af-chat-foot",
    )
