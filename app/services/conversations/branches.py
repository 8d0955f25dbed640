"""The tree of a conversation: which messages are versions of each other, and which of them the conversation stands on."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from app.core.uow import UnitOfWork
from models.conversation import ChatMessage, Conversation

message_table: sa.Table = ChatMessage.__table__  # type: ignore[attr-defined]
_message = message_table.c


@dataclass(frozen=True, slots=True)
class Tree:
    """`versions` holds the ids below each parent (None at the top), oldest first; `chosen` the one that is shown."""

    versions: Mapping[uuid.UUID | None, Sequence[uuid.UUID]]
    chosen: Mapping[uuid.UUID | None, uuid.UUID]

    def shown(self) -> list[uuid.UUID]:
        """The conversation as it stands, from the top."""
        path: list[uuid.UUID] = []
        below: uuid.UUID | None = None
        while (below := self.chosen.get(below)) is not None:
            path.append(below)
        return path

    def versions_of(self, message: ChatMessage) -> Sequence[uuid.UUID]:
        """The message and what was written in its place before and after."""
        return self.versions.get(message.parent_id, (message.id,))


def read_tree(uow: UnitOfWork, conversation: Conversation) -> Tree:
    """Read the ids only; a conversation of hundreds of messages is one small query."""
    uow.session.flush()
    columns = (_message.id, _message.parent_id, _message.is_chosen)
    query = sa.select(*columns).where(_message.conversation_id == conversation.id).order_by(_message.branch)
    versions: dict[uuid.UUID | None, list[uuid.UUID]] = {}
    chosen: dict[uuid.UUID | None, uuid.UUID] = {}
    for message_id, parent_id, is_chosen in uow.session.connection().execute(query):
        versions.setdefault(parent_id, []).append(message_id)
        if is_chosen:
            chosen[parent_id] = message_id
    return Tree(versions, chosen)


def shown_messages(uow: UnitOfWork, tree: Tree) -> list[ChatMessage]:
    """Load the conversation as it stands, in order."""
    query = uow.scoped(ChatMessage).where(col(ChatMessage.id).in_(tree.shown())).order_by(col(ChatMessage.position))
    return list(uow.session.exec(query).all())


def choose(uow: UnitOfWork, message: ChatMessage) -> None:
    """Make the message the one that is shown among its versions; what was shown below each of them is remembered."""
    rivals = uow.scoped(ChatMessage).where(
        ChatMessage.conversation_id == message.conversation_id,
        col(ChatMessage.parent_id).is_not_distinct_from(message.parent_id),
        col(ChatMessage.is_chosen),
    )
    for rival in uow.session.exec(rivals).all():
        rival.is_chosen = False
    message.is_chosen = True
    uow.session.add(message)
    uow.session.flush()
