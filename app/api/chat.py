"""Chatting with agents over the API: a message starts a run; its answer is streamed by app.api.streams, or read when it is done."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from app.api.callers import Caller, Door, IdempotencyKey
from app.api.envelope import REFUSALS, Answer, Id, Nothing, Page, Request, Shape, done, whole
from app.core.uow import UnitOfWork
from app.services import conversations
from app.views.conversations import ConversationDetail, ConversationRow, MessageView, TurnView

router = APIRouter(prefix="/api/v1", tags=["chat"], responses=REFUSALS)
AGAIN = "/conversations/{conversation_id}/messages/{message_id}"


class ChatBody(Request):
    """What to say to the agent."""

    text: str = Field(max_length=40_000)
    conversation_id: str = Field(default="", max_length=64, description="Of yours with this agent; empty begins one.")
    values: dict[str, Any] | None = Field(default=None, description="What the instructions use, by path, such as `inputs.name`.")


class TestBody(ChatBody):
    """What to say, and to what."""

    definition: dict[str, Any] = Field(description="A definition of the agent that need not be saved.")


class DraftBody(Request):
    """A definition that may never have been saved, and what to say to it."""

    definition: dict[str, Any] = Field(description="A definition of an agent.")
    text: str = Field(max_length=40_000)
    conversation_id: str = Field(default="", max_length=64, description="Empty begins one.")
    values: dict[str, Any] | None = None


class AgainBody(Request):
    """How to answer anew."""

    values: dict[str, Any] | None = Field(default=None, description="What the instructions use; as it was without.")
    definition: dict[str, Any] | None = Field(default=None, description="A definition of the agent that need not be saved.")


class EditedBody(AgainBody):
    """A message as it should have been."""

    text: str = Field(max_length=40_000)


class TitleBody(Request):
    """Another title."""

    title: str = Field(max_length=400)


class Turn(Shape):
    """A turn that has begun: follow the answer at `stream`, or read the message until it is done."""

    conversation_id: str
    user_message_id: str
    message_id: str
    run_id: str
    stream: str


@router.post("/agents/{agent_id}/chat", status_code=202, operation_id="chat_with_agent", response_model=Answer[Turn])
async def chat_with_agent(agent_id: Id, body: ChatBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Say something to an agent as it was saved last."""
    return await _begin(door, idempotency_key, conversations.talk_to_agent, agent_id=agent_id, **body.model_dump())


@router.post("/agents/{agent_id}/test", status_code=202, operation_id="test_agent", response_model=Answer[Turn])
async def talk_to_definition(agent_id: Id, body: TestBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Say something to an agent as the definition in the body has it; nothing of it is saved."""
    given = body.model_dump()
    return await _begin(door, idempotency_key, conversations.talk_to_agent, agent_id=agent_id, draft=given.pop("definition"), **given)


@router.post("/agents/try", status_code=202, operation_id="try_definition", response_model=Answer[Turn])
async def try_definition(body: DraftBody, door: Caller, idempotency_key: IdempotencyKey = None) -> JSONResponse:
    """Say something to an agent that need not exist; nothing of the definition is saved."""
    given = body.model_dump()
    return await _begin(door, idempotency_key, conversations.send_message, draft_spec=given.pop("definition"), **given)


async def _begin(door: Door, key: str | None, service: Callable[..., TurnView], **given: Any) -> JSONResponse:
    """A turn that begins once under a key: each costs an answer of a model."""

    def begin(uow: UnitOfWork) -> Turn:
        turn = service(uow, **given)
        ids = {"conversation_id": turn.conversation_id, "user_message_id": turn.user_message_id, "message_id": turn.message_id}
        return Turn(**ids, run_id=turn.run_id, stream=f"{_place(turn.conversation_id, turn.message_id)}/stream")

    answer = await door.once(begin, key=key, shape=Turn, message="The agent answers.", status=202)
    told = json.loads(bytes(answer.body))["data"]
    answer.headers["Location"] = _place(told["conversation_id"], told["message_id"])
    return answer


def _place(conversation_id: str, message_id: str) -> str:
    return f"/api/v1/conversations/{conversation_id}/messages/{message_id}"


@router.get("/conversations", operation_id="list_conversations")
async def list_conversations(door: Caller, agent_id: Annotated[str, Query(max_length=64)]) -> Answer[Page[ConversationRow]]:
    """Your own conversations with an agent, the one used last first."""
    return whole(await door.read(conversations.list_conversations, agent_id=agent_id))


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


@router.patch("/conversations/{conversation_id}", operation_id="rename_conversation")
async def rename_conversation(conversation_id: Id, body: TitleBody, door: Caller) -> Answer[ConversationRow]:
    """Give it another title."""
    return done(await door.write(conversations.rename_conversation, conversation_id=conversation_id, title=body.title), "Renamed.")


@router.post(
    f"{AGAIN}/edit",
    status_code=202,
    operation_id="edit_and_resend",
    response_model=Answer[Turn],
)
async def edit_and_resend(
    conversation_id: Id, message_id: Id, body: EditedBody, *, door: Caller, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Write another version of a message of yours and go on from there; the older one keeps what followed it."""
    given = {"conversation_id": conversation_id, "message_id": message_id, "text": body.text, "values": body.values}
    return await _begin(door, idempotency_key, conversations.edit_and_resend, **given, draft_spec=body.definition)


@router.post(
    f"{AGAIN}/regenerate",
    status_code=202,
    operation_id="regenerate_answer",
    response_model=Answer[Turn],
)
async def regenerate(
    conversation_id: Id, message_id: Id, body: AgainBody, *, door: Caller, idempotency_key: IdempotencyKey = None
) -> JSONResponse:
    """Have an answer written anew; the older one stays beside it."""
    given = {"conversation_id": conversation_id, "message_id": message_id, "values": body.values}
    return await _begin(door, idempotency_key, conversations.regenerate, **given, draft_spec=body.definition)


@router.post("/conversations/{conversation_id}/messages/{message_id}/show", operation_id="show_message_version")
async def show_version(conversation_id: Id, message_id: Id, door: Caller) -> Answer[ConversationDetail]:
    """Go over to another version of a message, with what followed it; `older_id` and `newer_id` of a message name its versions."""
    return done(await door.write(conversations.show_version, conversation_id=conversation_id, message_id=message_id))
