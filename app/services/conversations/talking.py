"""Talking to an agent, as programs do: a turn over its newest version, or over a definition that is tried before it is saved."""

from app.core.errors import NotFound
from app.core.permissions import Permission, require
from app.core.uow import UnitOfWork
from app.services.agents import get_agent
from app.services.conversations.rows import WHAT, load_conversation
from app.services.conversations.turns import send_message
from app.views.conversations import TurnView


def talk_to_agent(
    uow: UnitOfWork, *, agent_id: object, text: object, conversation_id: object = "", values: object = None, draft: object = None
) -> TurnView:
    """Add a message to a conversation with the agent, or begin one, and start the answer of its newest version, or of the draft."""
    require(uow, Permission.RUN)
    agent = get_agent(uow, agent_id=agent_id)
    if conversation_id:
        held = load_conversation(uow, conversation_id)
        if str(held.agent_id) != agent.id:
            raise NotFound(WHAT)
    spec = agent.spec if draft is None else draft
    return send_message(uow, conversation_id=conversation_id, draft_spec=spec, text=text, values=values, agent_id=agent.id)
