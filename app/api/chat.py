"""Chatting with agents over the API: a message starts a run; its answer is streamed by app.api.streams, or read when it is done."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from app.api.callers import Caller
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done
from app.services import conversations
from app.views.conversations import ConversationDetail, ConversationRow, MessageView, TurnView

router = APIRouter(prefix="/api/v1", tags=["chat"], responses=REFUSALS)


class ChatBody(Request):
    """What to say to the agent."""

    text: str = Field(max_length=40_000)
    conversation_id: str = Field(default="", max_length=64, description="Of yours with this agent; empty begins one.")
    values: dict[str, Any] | None = Field(default=None, description="What the instructions use, by path, such as `inputs.name`.")


class TestBody(ChatBody):
    """What to say, and to what."""

    definition: dict[str, Any] = Field(description="A definition of the agent that need not be saved.")


class Turn(Shape):
    """A turn that has begun: follow the answer at `stream`, or read the message until it is done."""

    conversation_id: str
    user_message_id: str
    message_id: str
    run_id: str
    stream: str


@router.post("/agents/{agent_id}/chat", status_code=202, operation_id="chat_with_agent")
async def chat_with_agent(agent_id: Id, body: ChatBody, response: Response, door: Caller) -> Answer[Turn]:
    """Say something to an agent as it was saved last."""
    return _begun(response, await door.write(conversations.talk_to_agent, agent_id=agent_id, **body.model_dump()))


@router.post("/agents/{agent_id}/test", status_code=202, operation_id="test_agent")
async def test_agent(agent_id: Id, body: TestBody, response: Response, door: Caller) -> Answer[Turn]:
    """Say something to an agent as the definition in the body has it; nothing of it is saved."""
    given = body.model_dump()
    return _begun(response, await door.write(conversations.talk_to_agent, agent_id=agent_id, draft=given.pop("definition"), **given))


def _begun(response: Response, turn: TurnView) -> Any:
    path = f"/api/v1/conversations/{turn.conversation_id}/messages/{turn.message_id}"
    response.headers["Location"] = path
    ids = {"conversation_id": turn.conversation_id, "user_message_id": turn.user_message_id, "message_id": turn.message_id}
    return done(Turn(**ids, run_id=turn.run_id, stream=f"{path}/stream"), "The agent answers.")


@router.get("/conversations", operation_id="list_conversations")
async def list_conversations(door: Caller, agent_id: Annotated[str, Query(max_length=64)]) -> Answer[Page[ConversationRow]]:
    """Your own conversations with an agent, the one used last first."""
    rows = await door.read(conversations.list_conversations, agent_id=agent_id)
    return done(Page(items=list(rows), total=len(rows)))


@router.get("/conversations/{conversation_id}", operation_id="get_conversation")
async def get_conversation(conversation_id: Id, door: Caller) -> Answer[ConversationDetail]:
    """A conversation with its messages."""
    return done(await door.read(conversations.get_conversation, conversation_id=conversation_id))


@router.delete("/conversations/{conversation_id}", operation_id="delete_conversation")
async def delete_conversation(conversation_id: Id, door: Caller) -> Answer[Nothing]:
    """Delete a conversation; an answer still being written is stopped."""
    await door.write(conversations.delete_conversation, conversation_id=conversation_id)
    return done(Nothing(), "Deleted.")


@router.get("/conversations/{conversation_id}/messages/{message_id}", operation_id="get_message_of_chat")
async def get_message(conversation_id: Id, message_id: Id, door: Caller) -> Answer[MessageView]:
    """One message; `status` is streaming until it is done."""
    return done(await door.read(conversations.get_message, conversation_id=conversation_id, message_id=message_id))


@router.post("/conversations/{conversation_id}/messages/{message_id}/stop", operation_id="stop_answer")
async def stop_answer(conversation_id: Id, message_id: Id, door: Caller) -> Answer[MessageView]:
    """Stop an answer; its words so far stay."""
    return done(await door.write(conversations.stop_answer, conversation_id=conversation_id, message_id=message_id), "Stopping.")
