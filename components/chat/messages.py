"""One question, one answer, and the answer that is being written."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.views.conversations import MessageView, RetryView, ToolCallView
from components import ui
from components.chat.box import bubble, countdown, patience
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
    on_version: Any
    can_act: Flag


@dataclass(frozen=True)
class LiveParts:
    """The answer under way: finished paragraphs, the one being written, tool calls, what it does meanwhile, and the next attempt."""

    settled: rx.vars.StringVar[str]
    tail: rx.vars.StringVar[str]
    tools: rx.vars.ArrayVar[list[ToolCallView]]
    waiting: rx.vars.StringVar[str]
    retry: rx.vars.ObjectVar[RetryView]


def question(message: Message, act: ChatActions) -> rx.Component:
    """What the person said, with edit and copy."""
    is_editing = act.editing_id == message.id
    buttons = rx.el.div(
        rx.cond(act.can_act, ui.icon_button("pencil", label="Edit and send again", size="sm", on_click=act.on_edit(message.id))),
        ui.copy_button(message.content),
        class_name="af-msg-actions",
    )
    foot = rx.el.div(buttons, _pager(message, act, what="question"), class_name="af-msg-foot")
    shown = rx.el.div(bubble(message.content), foot, class_name="af-msg af-msg-user")
    editor = draft_editor(value=message.content, on_send=act.on_resend, on_cancel=act.on_edit(""), label="Edit your message")
    return rx.cond(is_editing, rx.el.div(editor, class_name="af-msg"), shown)


def answer(message: Message, act: ChatActions) -> rx.Component:
    """A finished answer: tool calls, words or fields, what it took, and what can be done with it."""
    words = rx.cond(
        message.output, ui.value_view(message.output, label="Answer", max_height="480px", is_answer=True), ui.markdown(message.content)
    )
    return rx.el.div(
        _author(message.model_label, message.is_demo_model),
        tool_call_rows(message.tool_calls),
        rx.cond(message.content != "", words, rx.fragment()),
        rx.cond(message.status == "stopped", _stopped(message), rx.fragment()),
        rx.cond(message.status == "failed", _failure(message, act), rx.fragment()),
        _foot(message, act),
        class_name="af-msg af-msg-agent",
    )


def live_answer(message: Message, act: ChatActions, live: LiveParts) -> rx.Component:
    """The answer that is being written."""
    has_words = (live.tail != "") | (live.settled != "")
    beat = live.settled.length().to_string() + "/" + live.tail.length().to_string() + "/" + live.tools.length().to_string()
    works = patience(ui.spinner(), words=live.waiting, beat=beat)
    return rx.el.div(
        _author(message.model_label, message.is_demo_model),
        tool_call_rows(live.tools),
        rx.cond(has_words, ui.markdown(live.settled, tail=live.tail, is_writing=True), rx.fragment()),
        rx.cond(live.retry.attempt != 0, _retrying(live.retry), works),
        rx.el.div(_pager(message, act, what="answer"), class_name="af-msg-foot"),
        class_name="af-msg af-msg-agent",
        aria_busy="true",
    )


def _retrying(retry: rx.vars.ObjectVar[RetryView]) -> rx.Component:
    when = rx.el.strong("Trying again ", countdown(seconds=retry.wait_s, turn=retry.attempt))
    which = f" (attempt {retry.attempt} of {retry.attempts})."
    said = rx.cond(retry.reason != "", rx.el.div(retry.reason), rx.fragment())
    icon = rx.icon("hourglass", size=14, aria_hidden="true")
    return rx.el.div(icon, rx.el.div(rx.el.div(when, which), said), class_name="af-msg-retry", role="status")


def _author(label: Text, is_demo: rx.Var[bool]) -> rx.Component:
    return rx.el.div(
        rx.icon("bot", size=14, aria_hidden="true"),
        rx.el.span(label),
        rx.cond(is_demo, ui.badge("demo model", tone="blue"), rx.fragment()),
        class_name="af-msg-author",
    )


def _stopped(message: Message) -> rx.Component:
    words = rx.cond(message.content != "", "Stopped here. The text above is unfinished.", "Stopped before the first word.")
    return rx.el.div(rx.icon("circle_stop", size=14, aria_hidden="true"), words, class_name="af-msg-note")


def _failure(message: Message, act: ChatActions) -> rx.Component:
    retry = ui.button("Try again", icon="rotate_cw", size="sm", on_click=act.on_regenerate(message.id))
    trace = ui.link("Open the run", href=f"/runs/{message.run_id}", class_name="af-small")
    return ui.callout(
        rx.el.div(message.error_message),
        rx.el.div(message.error_hint, class_name="af-muted"),
        ui.row(rx.cond(act.can_act, retry, rx.fragment()), rx.cond(message.run_id != "", trace, rx.fragment()), gap=3),
        tone="red",
        title=rx.cond(message.content != "", "The answer broke off. ", "No answer. "),
    )


def _pager(message: Message, act: ChatActions, *, what: str) -> rx.Component:
    """Leads to what was asked or answered here before and after; another version brings the branch that followed it."""

    def step(icon: str, label: str, version_id: rx.vars.StringVar[str]) -> rx.Component:
        return ui.icon_button(
            icon,
            label=label,
            size="sm",
            tip=False,
            disabled=version_id == "",
            on_click=act.on_version(version_id),
            class_name="af-pager-step",
        )

    pager = rx.el.div(
        step("chevron_left", f"Earlier {what}", message.older_id),
        rx.el.span(f"{message.answer} / {message.answers}", class_name="af-pager-count"),
        step("chevron_right", f"Later {what}", message.newer_id),
        class_name="af-pager",
        role="group",
        aria_label=f"Versions of the {what}",
    )
    return rx.cond(message.answers != 1, pager, rx.fragment())


def _foot(message: Message, act: ChatActions) -> rx.Component:
    figures = rx.el.span(
        rx.cond(message.tokens != "", rx.fragment(message.tokens, " · ", message.cost, " · "), rx.fragment()),
        message.duration,
        class_name="af-muted af-small af-msg-figures",
    )
    again = ui.icon_button("refresh_cw", label="Answer again", size="sm", on_click=act.on_regenerate(message.id))
    return rx.el.div(
        _pager(message, act, what="answer"),
        figures,
        rx.el.div(
            rx.cond(message.content != "", ui.copy_button(message.content), rx.fragment()),
            rx.cond(act.can_act, again, rx.fragment()),
            class_name="af-msg-actions",
        ),
        class_name="af-msg-foot",
    )
