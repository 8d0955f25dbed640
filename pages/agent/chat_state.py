"""The chat that tests an agent: its conversations, sending, and following the answer that is being written."""

import asyncio
import uuid
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services import conversations
from app.session import Bridge
from app.views.conversations import ConversationDetail, MessageView, RetryView, ToolCallView, TurnView
from pages.agent.following import PACE_S, LiveAnswer, next_updates
from pages.agent.form_state import AgentFormState
from pages.agent.values_state import AgentValuesState

WORKING = "Working…"
ELSEWHERE = ("text", "inputs", "vars")  # what the form does not show


class AgentChatState(Bridge, rx.State):
    """One open conversation. While an answer is written, `settled` and `tail` hold its words and `tools` its tool calls."""

    conversation_id: str = ""
    messages: list[MessageView] = []
    running_id: str = ""
    settled: str = ""
    tail: str = ""
    tools: list[ToolCallView] = []
    waiting: str = ""
    editing_id: str = ""
    refused: dict[str, str] = {}
    problem: str = ""
    retry: RetryView = RetryView()
    _unsaved: list[str] = []  # conversations with an agent that is not saved yet; they become its own when it is
    _turn: int = 0  # rises whenever another answer is followed, so that an older follower stops

    @rx.event
    async def load(self) -> Any:
        """Open the newest conversation with the agent of the page; an answer still being written goes on."""
        form = await self.get_state(AgentFormState)
        self._close()
        self.refused = {}
        begun, self._unsaved = self._unsaved, []
        is_created, form._created_id = bool(form.agent.id) and form._created_id == form.agent.id, ""
        if is_created:
            chosen = await _adopt(self, begun, form.agent.id)
            return self._show(await self._read(conversations.get_conversation, conversation_id=chosen)) if chosen else None
        self.conversation_id, self.messages = "", []
        (await self.get_state(AgentValuesState))._fill({})
        rows = await self._read(conversations.list_conversations, agent_id=form.agent.id) if form.agent.id else ()
        return AgentChatState.open(rows[0].id) if rows else None

    @rx.event
    async def open(self, conversation_id: str) -> Any:
        """Show a conversation."""
        found = await self._read(conversations.get_conversation, conversation_id=conversation_id)
        (await self.get_state(AgentValuesState))._fill(found.values)
        return self._show(found)

    @rx.event
    async def show_version(self, message_id: str) -> Any:
        """Go to an earlier or later version of a message; an answer that is being written elsewhere goes on."""
        return self._show(await self._call(conversations.show_version, conversation_id=self.conversation_id, message_id=message_id))

    @rx.event
    async def begin_anew(self) -> None:
        """Show an empty conversation; it is stored with its first message."""
        self._close()
        (await self.get_state(AgentValuesState)).refusal = ""
        self.conversation_id, self.messages = "", []

    def _close(self) -> None:
        self._turn += 1
        self.running_id, self.settled, self.tail, self.tools, self.waiting = "", "", "", [], ""
        self.editing_id, self.problem, self.retry = "", "", RetryView()

    def _show(self, found: ConversationDetail) -> Any:
        self._close()
        self.conversation_id, self.messages, self.running_id = found.id, list(found.messages), found.running_message_id
        if not self.running_id:
            return None
        self.waiting, self.retry = WORKING, next(message.retry for message in found.messages if message.id == self.running_id)
        return AgentChatState.follow

    @rx.event
    async def send(self, text: str) -> Any:
        """Send a message; what is tested is the form as it stands."""
        form = await self.get_state(AgentFormState)
        return await self._start(conversations.send_message, text, text=text, agent_id=form.agent.id)

    @rx.event
    async def resend(self, text: str) -> Any:
        """Send an edited message again; what followed it is replaced."""
        message_id, self.editing_id = self.editing_id, ""
        return await self._start(conversations.edit_and_resend, text, message_id=message_id, text=text)

    @rx.event
    async def regenerate(self, message_id: str) -> Any:
        """Have an answer written anew with the form as it stands."""
        return await self._start(conversations.regenerate, "", message_id=message_id)

    async def _start(self, service: Any, typed: object, **arguments: Any) -> Any:
        form, values = await self.get_state(AgentFormState), await self.get_state(AgentValuesState)
        try:
            given = {"draft_spec": form.draft.sound_spec(), "values": values._typed()}
            turn: TurnView = await self._call(service, conversation_id=self.conversation_id, **given, **arguments)
        except AppError as refused:
            self.refused = _returned(typed, room=f"{form.agent.id}:{self.conversation_id}")
            values._refuse(refused.fields, refused.message)
            form.problems = {**form.problems, **{name: words for name, words in refused.fields.items() if not name.startswith(ELSEWHERE)}}
            return None
        values._refuse({}, "")
        if not form.agent.id and turn.conversation_id not in self._unsaved:
            self._unsaved = [*self._unsaved, turn.conversation_id]
        return self._show(await self._read(conversations.get_conversation, conversation_id=turn.conversation_id))

    @rx.event
    async def stop(self) -> None:
        """Stop the answer; its words so far stay."""
        if self.running_id:
            self.waiting = "Stopping…"
            await self._call(conversations.stop_answer, conversation_id=self.conversation_id, message_id=self.running_id)

    @rx.event
    def edit(self, message_id: str) -> None:
        """Open one of the person's messages for editing, or close it with ""."""
        self.editing_id = str(message_id)[:40]

    @rx.event(background=True)
    async def follow(self) -> None:
        """Push the answer to the browser as it is written, until it is over or another one is followed."""
        async with self:
            turn, run_id = self._turn, next((m.run_id for m in self.messages if m.id == self.running_id), "")
        live = LiveAnswer()
        while run_id:
            live.apply(await next_updates(run_id, live))
            async with self:
                if self._turn != turn:
                    return
                self._push(live)
                if live.must_look() and await self._is_over(live):
                    return
            await asyncio.sleep(PACE_S)

    def _push(self, live: LiveAnswer) -> None:
        """Set only what changed: every var that is set travels to the browser."""
        for name, value in live.shown().items():
            if getattr(self, name) != value:
                setattr(self, name, value)
        if live.whole and self.waiting == WORKING:
            self.waiting = ""

    async def _is_over(self, live: LiveAnswer) -> bool:
        """Read the answer from SQL; when it is over, or may not be read any more, show that and stop following."""
        ids = {"conversation_id": self.conversation_id, "message_id": self.running_id}
        try:
            message = await self._read(conversations.get_message, **ids)
            if message.status == "streaming":
                self.retry = message.retry
                return False
            if live.whole and not message.content:
                message = await self._call(conversations.keep_partial, **ids, text=live.whole)
        except AppError as refused:
            self._close()
            self.problem = refused.message
            return True
        self._close()
        self.messages = [message if known.id == message.id else known for known in self.messages]
        return True


async def _adopt(chat: AgentChatState, begun: list[str], agent_id: str) -> str:
    """Hand the conversations with an agent that is stored now over to it; the one to show, or ""."""
    for conversation_id in begun:
        await chat._call(conversations.adopt_conversation, conversation_id=conversation_id, agent_id=agent_id)
    return chat.conversation_id or (begun[-1] if begun else "")


def _returned(typed: object, *, room: str) -> dict[str, str]:
    """A refused text on its way back to the message box of its room."""
    return {"text": typed if isinstance(typed, str) else "", "key": uuid.uuid4().hex, "room": room}
