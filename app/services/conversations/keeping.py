"""Keeping conversations: create, list, open, rename, delete. Each belongs to one person."""

import uuid
from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import col

from app.core.permissions import Permission, require
from app.core.text import clean_line
from app.core.uow import UnitOfWork
from app.services.agents.rows import ago, load_agent
from app.services.conversations.branches import Tree, choose, read_tree, shown_messages
from app.services.conversations.retries import read_retry
from app.services.conversations.rows import STREAMING, load_conversation, load_message, to_message_view
from app.services.runs import request_cancel
from app.views.conversations import ConversationDetail, ConversationRow, MessageView
from models.conversation import ChatMessage, Conversation
from models.ids import parse_id

_LIMIT = 100
MAX_PARTIAL = 200_000


def create_conversation(uow: UnitOfWork, *, agent_id: object) -> ConversationRow:
    """Begin an empty conversation with a saved agent, or with an unsaved one when `agent_id` is empty."""
    require(uow, Permission.RUN)
    agent = load_agent(uow, agent_id) if agent_id else None
    row = Conversation(workspace_id=uow.workspace_id, agent_id=agent.id if agent else None, user_id=_user(uow))
    uow.session.add(row)
    uow.session.flush()
    return _row(uow, row)


def list_conversations(uow: UnitOfWork, *, agent_id: object, among: Collection[object] = ()) -> tuple[ConversationRow, ...]:
    """List the actor's own conversations with an agent, the one used last first; with one that was never saved, those `among` these."""
    require(uow, Permission.VIEW)
    if agent_id:
        is_wanted = Conversation.agent_id == load_agent(uow, agent_id).id
    else:
        ids = [found for one in list(among)[:_LIMIT] if (found := parse_id(one))]
        is_wanted = sa.and_(col(Conversation.agent_id).is_(None), col(Conversation.id).in_(ids))
    query = (
        uow.scoped(Conversation)
        .where(is_wanted, Conversation.user_id == _user(uow), Conversation.deleted_at.is_(None))  # type: ignore[union-attr]
        .order_by(Conversation.updated_at.desc(), Conversation.id.desc())  # type: ignore[attr-defined]
        .limit(_LIMIT)
    )
    return tuple(_row(uow, row) for row in uow.session.exec(query).all())  # type: ignore[call-overload]


def get_conversation(uow: UnitOfWork, *, conversation_id: object) -> ConversationDetail:
    """Open a conversation with its messages."""
    require(uow, Permission.VIEW)
    return _detail(uow, load_conversation(uow, conversation_id))


def show_version(uow: UnitOfWork, *, conversation_id: object, message_id: object) -> ConversationDetail:
    """Stand on an earlier or later version of a message, with the branch that followed it; nothing is lost by that."""
    require(uow, Permission.RUN)
    conversation = load_conversation(uow, conversation_id, for_update=True)
    choose(uow, load_message(uow, conversation, message_id))
    return _detail(uow, conversation)


def _view(uow: UnitOfWork, tree: Tree, row: ChatMessage) -> MessageView:
    return replace(to_message_view(uow, row, versions=tree.versions_of(row)), retry=read_retry(uow, row))


def _detail(uow: UnitOfWork, conversation: Conversation) -> ConversationDetail:
    tree = read_tree(uow, conversation)
    messages = shown_messages(uow, tree)
    running = next((row for row in messages if row.status == STREAMING), None)
    return ConversationDetail(
        id=str(conversation.id),
        title=conversation.title,
        agent_id=str(conversation.agent_id) if conversation.agent_id else "",
        values=dict(conversation.inputs),
        messages=tuple(_view(uow, tree, row) for row in messages),
        running_message_id=str(running.id) if running else "",
    )


def get_message(uow: UnitOfWork, *, conversation_id: object, message_id: object) -> MessageView:
    """Read one message again, such as an answer that is being written."""
    require(uow, Permission.VIEW)
    conversation = load_conversation(uow, conversation_id)
    row = load_message(uow, conversation, message_id)
    return _view(uow, read_tree(uow, conversation), row)


def rename_conversation(uow: UnitOfWork, *, conversation_id: object, title: object) -> ConversationRow:
    """Give a conversation another title."""
    require(uow, Permission.RUN)
    row = load_conversation(uow, conversation_id)
    row.title = clean_line(title, max_length=160, label="Title", field="title")
    uow.session.add(row)
    uow.session.flush()
    return _row(uow, row)


def adopt_conversation(uow: UnitOfWork, *, conversation_id: object, agent_id: object) -> None:
    """Give a conversation with a never saved agent to the agent that it has become."""
    require(uow, Permission.EDIT)
    conversation = load_conversation(uow, conversation_id)
    if conversation.agent_id is None:
        conversation.agent_id = load_agent(uow, agent_id).id
        uow.session.add(conversation)


def keep_partial(uow: UnitOfWork, *, conversation_id: object, message_id: object, text: str) -> MessageView:
    """Keep the words that were streamed before an answer was stopped or failed; finished words are never replaced."""
    require(uow, Permission.RUN)
    message = load_message(uow, load_conversation(uow, conversation_id), message_id)
    if message.status in ("stopped", "failed") and not message.content:
        message.content = text.replace("\x00", "")[:MAX_PARTIAL]
        uow.session.add(message)
        uow.session.flush()
    return to_message_view(uow, message)


def delete_conversation(uow: UnitOfWork, *, conversation_id: object) -> None:
    """Delete a conversation; an answer still being written is stopped."""
    require(uow, Permission.RUN)
    row = load_conversation(uow, conversation_id, for_update=True)
    in_work = uow.scoped(ChatMessage).where(ChatMessage.conversation_id == row.id, ChatMessage.status == STREAMING)
    for message in uow.session.exec(in_work).all():
        request_cancel(uow, message.run_id)
    row.deleted_at = uow.ports.clock.now()
    uow.session.add(row)


def _user(uow: UnitOfWork) -> uuid.UUID:
    assert uow.actor is not None  # require() has seen it
    return uow.actor.user_id


def _row(uow: UnitOfWork, row: Conversation) -> ConversationRow:
    return ConversationRow(id=str(row.id), title=row.title or "New conversation", updated=ago(uow, row.updated_at))
