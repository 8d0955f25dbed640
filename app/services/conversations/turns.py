"""Turns of a chat: sending, editing, answering anew and stopping. A turn is a run of kind `chat` over the draft as it stands."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import select

from app.core.errors import Conflict, Invalid
from app.core.permissions import Permission, require
from app.core.text import clean_text
from app.core.uow import UnitOfWork
from app.services.agents import get_agent
from app.services.agents.checking import judge_draft, require_valid
from app.services.conversations.branches import choose, read_tree, shown_messages
from app.services.conversations.keeping import create_conversation
from app.services.conversations.rows import STREAMING, load_conversation, load_message, to_message_view
from app.services.conversations.values import checked_values, nested
from app.services.runs import request_cancel, start_chat_run
from app.services.runs.start import CHAT_SLUG
from app.views.conversations import MessageView, TurnView
from engine.json import JsonObject
from engine.spec.agent import AgentSpec
from models.agent import Agent
from models.conversation import ChatMessage, Conversation

MAX_TEXT = 32_000
MAX_HISTORY = 200  # messages handed to the model


def send_message(
    uow: UnitOfWork, *, conversation_id: object, draft_spec: object, text: object, values: object = None, agent_id: object = ""
) -> TurnView:
    """Add a person's message and start the answer with the draft as it stands, saved or not.

    Without a conversation a new one with the agent begins. `values` are the test values of the variables in the instructions.
    """
    require(uow, Permission.RUN)
    words = _message_text(text)
    spec = require_valid(judge_draft(uow, draft_spec))
    given = checked_values(spec, values, now=uow.ports.clock.now())
    conversation_id = conversation_id or create_conversation(uow, agent_id=agent_id).id
    conversation = load_conversation(uow, conversation_id, for_update=True)
    conversation.inputs = given
    messages = _idle_messages(uow, conversation)
    if not conversation.title:
        conversation.title = _title(words)
    return _start(uow, conversation, spec=spec, history=messages, words=words)


def edit_and_resend(
    uow: UnitOfWork, *, conversation_id: object, message_id: object, text: object, draft_spec: object = None, values: object = None
) -> TurnView:
    """Write another version of one of the person's messages and go on from there; the older one keeps what followed it.

    Without a draft the agent answers as it was saved last; without values those of the turn before count.
    """
    require(uow, Permission.RUN)
    conversation = load_conversation(uow, conversation_id, for_update=True)
    edited = load_message(uow, conversation, message_id)
    messages = _idle_messages(uow, conversation)
    if edited.role != "user" or edited not in messages:
        raise Conflict("Only your own messages of the conversation as it stands can be edited.")
    spec = _spec_of(uow, conversation, draft_spec)
    words = _message_text(text)
    conversation.inputs = checked_values(spec, conversation.inputs if values is None else values, now=uow.ports.clock.now())
    return _start(uow, conversation, spec=spec, history=messages[: messages.index(edited)], words=words)


def regenerate(
    uow: UnitOfWork, *, conversation_id: object, message_id: object, draft_spec: object = None, values: object = None
) -> TurnView:
    """Answer anew with the draft as it stands, without one as the agent was saved last; the older answer keeps what followed it."""
    require(uow, Permission.RUN)
    conversation = load_conversation(uow, conversation_id, for_update=True)
    answer = load_message(uow, conversation, message_id)
    messages = _idle_messages(uow, conversation)
    if answer.role != "assistant" or answer not in messages:
        raise Conflict("Only an answer of the conversation as it stands can be written anew.")
    spec = _spec_of(uow, conversation, draft_spec)
    conversation.inputs = checked_values(spec, conversation.inputs if values is None else values, now=uow.ports.clock.now())
    return _answer(uow, conversation, spec=spec, history=messages[: messages.index(answer)])


def stop_answer(uow: UnitOfWork, *, conversation_id: object, message_id: object) -> MessageView:
    """Ask the run behind an answer to stop; the text so far is kept. Stopping twice, or what is finished, does no harm."""
    require(uow, Permission.RUN)
    conversation = load_conversation(uow, conversation_id)
    message = load_message(uow, conversation, message_id)
    if message.status == STREAMING and message.run_id:
        request_cancel(uow, message.run_id)
        uow.session.refresh(message)
    return to_message_view(uow, message)


def _spec_of(uow: UnitOfWork, conversation: Conversation, draft_spec: object) -> AgentSpec:
    """The draft, or the newest version of the agent that the conversation is with; raises Invalid where neither is known."""
    if draft_spec is None and conversation.agent_id is None:
        problem = "This conversation is with an agent that was never saved. Give the definition that is to answer."
        raise Invalid(problem, fields={"definition": "Give the definition of the agent."})
    draft = get_agent(uow, agent_id=str(conversation.agent_id)).spec if draft_spec is None else draft_spec
    return require_valid(judge_draft(uow, draft))


def _message_text(text: object) -> str:
    words = clean_text(text, max_length=MAX_TEXT, label="The message", field="text").strip()
    if not words:
        message = "Write a message first."
        raise Invalid(message, fields={"text": message})
    return words


def _title(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= 60 else line[:59].rstrip() + "…"


def _idle_messages(uow: UnitOfWork, conversation: Conversation) -> list[ChatMessage]:
    messages = shown_messages(uow, read_tree(uow, conversation))
    if any(message.status == STREAMING for message in messages):
        raise Conflict("The agent is still answering. Wait for it or press Stop first.", code="still_answering")
    return messages


def _start(uow: UnitOfWork, conversation: Conversation, *, spec: AgentSpec, history: list[ChatMessage], words: str) -> TurnView:
    question = ChatMessage(**_place(uow, conversation, history), role="user", content=words)
    choose(uow, question)
    return _answer(uow, conversation, spec=spec, history=[*history, question])


def _answer(uow: UnitOfWork, conversation: Conversation, *, spec: AgentSpec, history: list[ChatMessage]) -> TurnView:
    """Start the run of an answer and add its message, still empty."""
    conversation.updated_at = uow.ports.clock.now()
    uow.session.add(conversation)
    uow.session.flush()
    run_id = start_chat_run(
        uow,
        conversation_id=conversation.id,
        spec=spec,
        messages=_as_inputs(history),
        title=conversation.title or "Chat",
        inputs=nested(conversation.inputs, "inputs"),
        variables=nested(conversation.inputs, "vars"),
        slug=_slug_of(uow, conversation),
    )
    answer = ChatMessage(**_place(uow, conversation, history), role="assistant", status=STREAMING, model=spec.model, run_id=run_id)
    choose(uow, answer)
    return TurnView(str(conversation.id), str(history[-1].id) if history else "", str(answer.id), str(run_id))


def _slug_of(uow: UnitOfWork, conversation: Conversation) -> str:
    """Under which name the agent's use counts; one that was never saved has a name of no budget."""
    agent = uow.session.get(Agent, conversation.agent_id) if conversation.agent_id else None
    return agent.slug if agent is not None and agent.workspace_id == uow.workspace_id else CHAT_SLUG


def _place(uow: UnitOfWork, conversation: Conversation, history: list[ChatMessage]) -> dict[str, Any]:
    """Where a message after the history stands."""
    above = history[-1] if history else None
    position = above.position + 1 if above else 0
    taken = select(sa.func.coalesce(sa.func.max(ChatMessage.branch), -1)).where(
        ChatMessage.conversation_id == conversation.id, ChatMessage.workspace_id == uow.workspace_id, ChatMessage.position == position
    )
    return {
        "workspace_id": conversation.workspace_id,
        "conversation_id": conversation.id,
        "parent_id": above.id if above else None,
        "position": position,
        "branch": int(uow.session.exec(taken).one()) + 1,
    }


def _as_inputs(history: list[ChatMessage]) -> list[JsonObject]:
    """Return what the model sees: failed answers left no words, so they are left out."""
    told = [message for message in history if message.content]
    return [{"role": message.role, "content": message.content} for message in told[-MAX_HISTORY:]]
