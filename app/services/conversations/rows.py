"""Loads conversations and messages of the person who asks, and turns them into views."""

import json

import sqlalchemy as sa
from sqlmodel import select

from app.core.errors import NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.views import words
from app.views.conversations import MessageView, ToolCallView
from engine.json import JsonObject, JsonValue
from models.conversation import ChatMessage, Conversation
from models.ids import parse_id

WHAT = "This conversation"
STREAMING = "streaming"
MAX_SHOWN = 20_000

_HINTS = {
    "unknown_model": "Choose another model in the form.",
    "model_auth": "Check the provider's key in the settings of this installation.",
    "rate_limited": "Wait a moment and try again, or add a fallback model.",
    "timeout": "Try again, or raise the time limit under Limits.",
    "template_error": "Mend the instructions in the form; the place is named above.",
    "step_limit": "Raise the model calls per turn under Limits, or ask for less at once.",
}


def load_conversation(uow: UnitOfWork, conversation_id: object, *, for_update: bool = False) -> Conversation:
    """Load a living conversation of the actor's own; other people's give the same NotFound as absent ones."""
    row = uow.load(Conversation, parse_id(conversation_id), what=WHAT)
    if uow.actor is None:
        raise NotSignedIn()
    if row.user_id != uow.actor.user_id:
        raise NotFound(WHAT)
    if for_update:
        uow.session.refresh(row, with_for_update=True)
    return row


def load_message(uow: UnitOfWork, conversation: Conversation, message_id: object) -> ChatMessage:
    """Load a message that belongs to the already checked conversation."""
    row = uow.load(ChatMessage, parse_id(message_id), what="This message")
    if row.conversation_id != conversation.id:
        raise NotFound("This message")
    return row


def visible_messages(uow: UnitOfWork, conversation: Conversation) -> list[ChatMessage]:
    """Return the conversation as it stands, in order, without what was edited away or answered anew."""
    query = (
        uow.scoped(ChatMessage)
        .where(ChatMessage.conversation_id == conversation.id, ChatMessage.replaced_at.is_(None))  # type: ignore[union-attr]
        .order_by(ChatMessage.position)  # type: ignore[arg-type]
    )
    return list(uow.session.exec(query).all())  # type: ignore[call-overload]


def answer_counts(uow: UnitOfWork, conversation: Conversation) -> dict[int, int]:
    """Return how many versions of the message each position holds."""
    query = (
        select(ChatMessage.position, sa.func.count())
        .where(ChatMessage.conversation_id == conversation.id, ChatMessage.workspace_id == uow.workspace_id)
        .group_by(ChatMessage.position)  # type: ignore[arg-type]
    )
    return dict(uow.session.exec(query).all())  # type: ignore[arg-type]


def to_message_view(uow: UnitOfWork, row: ChatMessage, *, answers: int = 1) -> MessageView:
    """Build the view of a message."""
    error = row.error or {}
    card = uow.ports.catalogue.card(row.model) if row.model else None
    figures = row.role == "assistant" and bool(row.input_tokens or row.output_tokens)
    return MessageView(
        id=str(row.id),
        role=row.role,
        content=row.content,
        status=row.status,
        run_id=str(row.run_id) if row.run_id else "",
        model_label=card.label if card else row.model,
        is_demo_model=bool(card and card.is_demo),
        tool_calls=tuple(to_tool_call(call) for call in row.tool_calls),
        output=structured(row.content) if row.role == "assistant" and row.status == "done" else None,
        error_message=str(error.get("message", "")),
        error_hint=_HINTS.get(str(error.get("code", "")), "Try again; if it happens again, look at the run's trace."),
        tokens=f"{words.count(row.input_tokens)} in · {words.count(row.output_tokens)} out" if figures else "",
        cost=words.money(row.cost_micros) if figures else "",
        duration=words.duration(row.duration_ms),
        answer=row.branch + 1,
        answers=answers,
    )


def to_tool_call(call: JsonObject) -> ToolCallView:
    """Build the view of one stored or streamed tool call."""
    error = str(call.get("error") or "")
    return ToolCallView(
        id=str(call.get("id", "")),
        name=str(call.get("name", "")),
        arguments=pretty(call.get("arguments")),
        result=pretty(call.get("result")),
        error=error,
        status="failed" if error else str(call.get("status") or "done"),
        duration=words.duration(call.get("ms")),
    )


def structured(content: str) -> JsonValue:
    """Return the value of an answer that is a JSON object or list as a whole; None for prose."""
    if content.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def pretty(value: JsonValue) -> str:
    """Return a JSON value as text to read: strings as they are (indented when they hold JSON), capped in length."""
    if value is None:
        return ""
    if isinstance(value, str):
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            return value[:MAX_SHOWN]
        value = parsed if isinstance(parsed, dict | list) else value
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}\n… ({len(text):,} characters in all)"
