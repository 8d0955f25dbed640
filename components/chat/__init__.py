"""The chat's widgets: messages, tool calls, the list that follows, the message box. Props in, events out."""

from components.chat.box import chat_scroll, composer
from components.chat.messages import ChatActions, LiveParts, answer, live_answer, question
from components.chat.tool_calls import tool_call_rows

__all__ = ["ChatActions", "LiveParts", "answer", "chat_scroll", "composer", "live_answer", "question", "tool_call_rows"]
