"""Loads conversations and messages of the person who asks, and turns them into views."""

import json
import uuid
from collections.abc import Sequence

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

_LATER = "Try again in a moment, or add a fallback model in the form."
_ADMIN = "Whoever keeps the keys finds them under Settings, Credentials. Until then, choose another model in the form."
HINTS = {
    "unknown_model": "Choose another model in the form.",
    "model_key_missing": "Choose a model that is set up, or save a key under Settings, Credentials.",
    "model_key_refused": _ADMIN,
    "model_out_of_credit": _ADMIN,
    "model_rate_limited": _LATER,
    "model_overloaded": _LATER,
    "model_unreachable": _LATER,
    "model_interrupted": _LATER,
    "model_bad_answer": _LATER,
    "model_timeout": "Try again, add a fallback model in the form, or raise the time limit under Limits.",
    "turn_timeout": "Raise the time limit under Limits, or ask for less at once.",
    "too_many_model_calls": "Raise the model calls per turn under Limits, or ask for less at once.",
    "answer_cut_off": "Raise the answer length under Limits, or ask for less at once.",
    "answer_invalid": "Try again, ask for fewer fields under Answer, or choose a stronger model.",
    "model_answer_too_long": "Lower the answer length under Limits.",
    "model_context_too_long": "Begin a new conversation, shorten the instructions, or choose a model with a larger context.",
    "model_content_refused": "Edit your message and send it again.",
    "model_request_refused": "Check model, tools and answer in the form.",
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


def to_message_view(uow: UnitOfWork, row: ChatMessage, *, versions: Sequence[uuid.UUID] = ()) -> MessageView:
    """Build the view of a message; `versions` are the ids of everything written in its place, itself among them."""
    place = versions.index(row.id) if row.id in versions else 0
    error = row.error or {}
    card = uow.catalogue.card(row.model) if row.model else None
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
        error_message=_error_text(error),
        error_hint=HINTS.get(str(error.get("code", "")), "Try again; if it happens again, look at the run's trace."),
        tokens=_tokens(row) if figures else "",
        cost=words.money(row.cost_micros) if figures else "",
        duration=words.duration(row.duration_ms),
        answer=place + 1,
        answers=max(1, len(versions)),
        older_id=str(versions[place - 1]) if place > 0 else "",
        newer_id=str(versions[place + 1]) if place + 1 < len(versions) else "",
    )


def _tokens(row: ChatMessage) -> str:
    """The tokens of a turn; a provider does not report those of an answer that broke off, so they are an estimate."""
    told = f"{words.count(row.input_tokens)} in · {words.count(row.output_tokens)} out"
    return told if row.status == "done" else f"about {told}"


def _error_text(error: JsonObject) -> str:
    attempts = int(error.get("attempts") or 1)
    return f"{error.get('message', '')}{f' It was tried {attempts} times.' if attempts > 1 else ''}"


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
