"""Chats without a browser: messages sent through the services, answers ended as the journal ends them."""

from typing import Any

from app.core.endings import RunEnded
from app.core.uow import UnitOfWork
from app.services import conversations
from app.views.conversations import ConversationDetail, TurnView
from engine.json import JsonObject
from models.base import utc_now
from models.ids import parse_id

DRAFT: dict[str, Any] = {"name": "Helper", "instructions": "Help.", "model": "demo/assistant"}


def send(uow: UnitOfWork, text: str = "Hello", *, conversation_id: str = "", agent_id: str = "", **changes: Any) -> TurnView:
    values = changes.pop("values", None)
    return conversations.send_message(
        uow, conversation_id=conversation_id, agent_id=agent_id, draft_spec={**DRAFT, **changes}, text=text, values=values
    )


def end(uow: UnitOfWork, turn: TurnView, status: str = "succeeded", output: object = None, error: JsonObject | None = None) -> None:
    """End the run as the journal does: facts first, then the hook, in one transaction."""
    uow.session.flush()
    run_id = parse_id(turn.run_id)
    assert run_id is not None
    now = utc_now()
    ended = RunEnded(
        run_id=run_id,
        workspace_id=uow.workspace_id,
        kind="chat",
        conversation_id=parse_id(turn.conversation_id),
        status=status,
        output=output,  # type: ignore[arg-type]
        error=error,
        input_tokens=11,
        output_tokens=7,
        cost_micros=2500,
        started_at=now,
        finished_at=now,
    )
    conversations.finish_turn(uow.session.connection(), ended)
    uow.session.expire_all()


def answered(uow: UnitOfWork, agent_id: str, text: str = "Hello") -> TurnView:
    turn = send(uow, text, agent_id=agent_id)
    end(uow, turn, output=f"Re: {text}")
    return turn


def said(uow: UnitOfWork, turn: TurnView) -> list[tuple[str, str]]:
    found = conversations.get_conversation(uow, conversation_id=turn.conversation_id)
    return [(message.role, message.content) for message in found.messages]


def show(uow: UnitOfWork, turn: TurnView, message_id: str) -> ConversationDetail:
    return conversations.show_version(uow, conversation_id=turn.conversation_id, message_id=message_id)
