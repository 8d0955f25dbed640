"""One question, one answer, and the answer that is being written."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.views.conversations import MessageView, ToolCallView
from components import ui
from components.chat.tool_calls import tool_call_rows
from components.forms import draft_editor
from components.ui import Flag, Text

Message = rx.vars.ObjectVar[MessageView]


@dataclass(frozen=True)
class ChatActions:
    """What the buttons of messages call; `editing_id` names the question that is open for editing."""

    editing_id: rx.Var[str]
    on_edit: Any
    on_resend: Any
    on_regenerate: Any
    can_act: Flag


def question(message: Message, act: ChatActions) -> rx.Component:
    """What the person said, with edit and copy."""
    is_editing = act.editing_id == message.id
    buttons = rx.el.div(
        rx.cond(act.can_act, ui.icon_button("pencil", label="Edit and send again", size="sm", on_click=act.on_edit(message.id))),
        ui.copy_button(message.content),
        class_name="af-msg-actions",
    )
    shown = rx.el.div(rx.el.div(message.content, class_name="af-bubble"), buttons, class_name="af-msg af-msg-user")
    editor = draft_editor(value=message.content, on_send=act.on_resend, on_cancel=act.on_edit(""), label="Edit your message")
    return rx.cond(is_editing, rx.el.div(editor, class_name="af-msg"), shown)


def answer(message: Message, act: ChatActions) -> rx.Component:
    """A finished answer: tool calls, words or fields, what it took, and what can be done with it."""
    words = rx.cond(message.output, ui.json_view(message.output, open_to=3, max_height="480px"), ui.markdown(message.content))
    return rx.el.div(
        _author(message.model_label, message.is_demo_model),
        tool_call_rows(message.tool_calls),
        rx.cond(message.content != "", words, rx.fragment()),
        rx.cond(message.status == "stopped", rx.el.div("Stopped.", class_name="af-msg-note"), rx.fragment()),
        rx.cond(message.status == "failed", _failure(message, act), rx.fragment()),
        _foot(message, act),
        class_name="af-msg af-msg-agent",
    )


def live_answer(
    message: Message, *, settled: Text, tail: rx.vars.StringVar[str], tools: rx.vars.ArrayVar[list[ToolCallView]], waiting: rx.Var[str]
) -> rx.Component:
    """The answer that is being written."""
    has_words = (tail != "") | (rx.Var.create(settled) != "")
    return rx.el.div(
        _author(message.model_label, message.is_demo_model),
        tool_call_rows(tools),
        rx.cond(has_words, ui.markdown(settled, tail=tail, is_writing=True), rx.fragment()),
        rx.cond(waiting != "", rx.el.div(ui.spinner(), waiting, class_name="af-row af-muted af-small", role="status"), rx.fragment()),
        class_name="af-msg af-msg-agent",
        aria_busy="true",
    )


def _author(label: Text, is_demo: rx.Var[bool]) -> rx.Component:
    return rx.el.div(
        rx.icon("bot", size=14, aria_hidden="true"),
        rx.el.span(label),
        rx.cond(is_demo, ui.badge("demo model", tone="blue"), rx.fragment()),
        class_name="af-msg-author",
    )


def _failure(message: Message, act: ChatActions) -> rx.Component:
    retry = ui.button("Try again", icon="rotate_cw", size="sm", on_click=act.on_regenerate(message.id))
    trace = ui.link("Open the run", href=f"/runs/{message.run_id}", class_name="af-small")
    return ui.callout(
        rx.el.div(message.error_message),
        rx.el.div(message.error_hint, class_name="af-muted"),
        ui.row(rx.cond(act.can_act, retry, rx.fragment()), rx.cond(message.run_id != "", trace, rx.fragment()), gap=3),
        tone="red",
        title="No answer. ",
    )


def _foot(message: Message, act: ChatActions) -> rx.Component:
    figures = rx.el.span(
        rx.cond(message.tokens != "", rx.fragment(message.tokens, " · ", message.cost, " · "), rx.fragment()),
        message.duration,
        class_name="af-muted af-small af-msg-figures",
    )
    version = rx.el.span(f"answer {message.answer} of {message.answers}", class_name="af-muted af-small")
    again = ui.icon_button("refresh_cw", label="Answer again", size="sm", on_click=act.on_regenerate(message.id))
    return rx.el.div(
        figures,
        rx.cond(message.answers != 1, version, rx.fragment()),
        rx.el.div(
            rx.cond(message.content != "", ui.copy_button(message.content), rx.fragment()),
            rx.cond(act.can_act, again, rx.fragment()),
            class_name="af-msg-actions",
        ),
        class_name="af-msg-foot",
    )
