"""The chat that tests an agent: its conversations, sending, and following the answer that is being written."""

import asyncio
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services import conversations
from app.session import Bridge
from app.views.conversations import ConversationDetail, MessageView, ToolCallView, TurnView
from pages.agent.following import PACE_S, LiveAnswer, next_updates
from pages.agent.form_state import AgentFormState

WORKING = "Working…"
MAX_VALUES = 100  # a forged event must not fill the state


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
    values: dict[str, str] = {}
    _turn: int = 0  # rises whenever another answer is followed, so that an older follower stops

    @rx.event
    async def load(self) -> Any:
        """Open the newest conversation with the agent of the page; an answer still being written goes on."""
        form = await self.get_state(AgentFormState)
        self._close()
        if form._created_id and form._created_id == form.agent.id and self.conversation_id:
            await self._call(conversations.adopt_conversation, conversation_id=self.conversation_id, agent_id=form.agent.id)
            form._created_id = ""
            return AgentChatState.open(self.conversation_id)
        self.conversation_id, self.messages, self.values = "", [], {}
        rows = await self._read(conversations.list_conversations, agent_id=form.agent.id) if form.agent.id else ()
        return AgentChatState.open(rows[0].id) if rows else None

    @rx.event
    async def open(self, conversation_id: str) -> Any:
        """Show a conversation."""
        self._close()
        self._show(await self._read(conversations.get_conversation, conversation_id=conversation_id))
        return AgentChatState.follow if self.running_id else None

    @rx.event
    def begin_anew(self) -> None:
        """Show an empty conversation; it is stored with its first message."""
        self._close()
        self.conversation_id, self.messages = "", []

    def _close(self) -> None:
        self._turn += 1
        self.running_id, self.settled, self.tail, self.tools, self.waiting = "", "", "", [], ""
        self.editing_id, self.problem = "", ""

    def _show(self, found: ConversationDetail) -> None:
        self.conversation_id, self.messages, self.values = found.id, list(found.messages), dict(found.values)
        self.running_id = found.running_message_id
        self.waiting = WORKING if self.running_id else ""

    @rx.event
    def set_value(self, name: str, value: str) -> None:
        """Give a variable of the instructions a value for this test."""
        if name in self.values or len(self.values) < MAX_VALUES:
            self.values = {**self.values, str(name)[:120]: str(value)[:4000]}

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
        form = await self.get_state(AgentFormState)
        self.problem = ""
        try:
            turn: TurnView = await self._call(
                service, conversation_id=self.conversation_id, draft_spec=form.draft.spec(), values=dict(self.values), **arguments
            )
        except AppError as refused:
            self._refuse(refused, typed, form)
            return None
        self._close()
        self._show(await self._read(conversations.get_conversation, conversation_id=turn.conversation_id))
        return AgentChatState.follow

    def _refuse(self, refused: AppError, typed: object, form: AgentFormState) -> None:
        self.problem = refused.message
        self.refused = {"text": typed if isinstance(typed, str) else "", "key": f"{self._turn}:{len(self.messages)}:{refused.message}"}
        if isinstance(refused, Invalid):
            form.problems = {**form.problems, **{name: words for name, words in refused.fields.items() if name != "text"}}

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
            live.apply(await next_updates(run_id, live.cursor))
            async with self:
                if self._turn != turn:
                    return
                self._push(live)
                if live.must_look() and await self._is_over(live):
                    return
            await asyncio.sleep(PACE_S)

    def _push(self, live: LiveAnswer) -> None:
        """Set only what changed: every var that is set travels to the browser."""
        settled, tail = live.parts()
        for name, value in (("settled", settled), ("tail", tail), ("tools", list(live.tools))):
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
