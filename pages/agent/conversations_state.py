"""The conversations a person keeps with an agent: list, open, rename, delete."""

from typing import Any

import reflex as rx

from app.services import conversations
from app.session import Bridge
from app.views.conversations import ConversationRow
from engine.json import as_object
from pages.agent.chat_state import AgentChatState
from pages.agent.form_state import AgentFormState


class AgentConversationsState(Bridge, rx.State):
    """The list that the clock button opens."""

    rows: list[ConversationRow] = []
    is_open: bool = False
    renaming_id: str = ""

    @rx.event
    async def set_open(self, is_open: bool) -> Any:
        """Open the list at once and read it afresh, or close it."""
        self.is_open, self.renaming_id = is_open is True, ""
        yield
        if self.is_open:
            await self._refresh()

    async def _refresh(self) -> None:
        form, chat = await self.get_state(AgentFormState), await self.get_state(AgentChatState)
        self.rows = list(await self._read(conversations.list_conversations, agent_id=form.agent.id, among=list(chat._unsaved)))

    @rx.event
    def choose(self, conversation_id: str) -> Any:
        """Open a conversation and close the list."""
        self.is_open = False
        return AgentChatState.open(conversation_id)

    @rx.event
    def rename(self, conversation_id: str) -> None:
        """Begin to rename."""
        self.renaming_id = str(conversation_id)[:40]

    @rx.event
    async def set_title(self, data: dict[str, Any]) -> None:
        """Store the new title from the row's little form."""
        title = (as_object(data) or {}).get("title", "")
        if self.renaming_id and str(title).strip():
            await self._call(conversations.rename_conversation, conversation_id=self.renaming_id, title=title)
        self.renaming_id = ""
        await self._refresh()

    @rx.event
    async def delete(self, conversation_id: str) -> Any:
        """Delete a conversation; an open one gives way to an empty one."""
        await self._call(conversations.delete_conversation, conversation_id=conversation_id)
        chat = await self.get_state(AgentChatState)
        chat._unsaved = [one for one in chat._unsaved if one != conversation_id]
        await self._refresh()
        return AgentChatState.begin_anew if chat.conversation_id == conversation_id else None
