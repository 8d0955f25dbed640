"""Test conversations: keep, list and continue chats with an agent; every answer is a run."""

from app.services.conversations.completing import finish_turn
from app.services.conversations.keeping import (
    adopt_conversation,
    create_conversation,
    delete_conversation,
    get_conversation,
    get_message,
    keep_partial,
    list_conversations,
    rename_conversation,
    show_version,
)
from app.services.conversations.rows import to_tool_call
from app.services.conversations.talking import talk_to_agent
from app.services.conversations.turns import edit_and_resend, regenerate, send_message, stop_answer

__all__ = [
    "adopt_conversation",
    "create_conversation",
    "delete_conversation",
    "edit_and_resend",
    "finish_turn",
    "get_conversation",
    "get_message",
    "keep_partial",
    "list_conversations",
    "regenerate",
    "rename_conversation",
    "send_message",
    "show_version",
    "stop_answer",
    "talk_to_agent",
    "to_tool_call",
]
