"""Test conversations: turns are runs, older words are kept, endings complete answers, and everything is the person's own."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from app.core.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from app.core.uow import UnitOfWork
from app.services import agents, conversations
from app.views.conversations import TurnView
from engine.run.events import EventType
from models.base import utc_now
from models.ids import parse_id
from models.run import Run, RunEvent
from models.workspace import Role
from tests.support.chats import DRAFT, answered, end, said, send, show
from tests.support.people import make_member


def test_a_first_message_begins_a_conversation_and_a_chat_run(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, "  What is  a\nharbour? ", agent_id=agent_id)
    found = conversations.get_conversation(member, conversation_id=turn.conversation_id)
    assert (found.title, found.agent_id, found.running_message_id) == ("What is a harbour?", agent_id, turn.message_id)
    assert [(m.role, m.status) for m in found.messages] == [("user", "done"), ("assistant", "streaming")]
    run = member.session.get(Run, parse_id(turn.run_id))
    assert run is not None
    assert (run.kind, str(run.conversation_id)) == ("chat", turn.conversation_id)


def test_a_finished_answer_has_its_words_figures_and_tool_calls(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    fact = {
        "type": "tool_result",
        "id": "c1",
        "name": "calculator",
        "arguments": {"expression": "1+1"},
        "result": {"result": "2"},
        "ms": 4.2,
    }
    row = RunEvent(
        run_id=uuid.UUID(turn.run_id), seq=90, type=EventType.NODE_PROGRESS, node="chat", at=utc_now(), payload={"key": "t", "fact": fact}
    )
    member.session.add(row)
    end(member, turn, output="It is 2.")
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert (message.status, message.content, message.tokens, message.cost) == ("done", "It is 2.", "11 in · 7 out", "$0.0025")
    (call,) = message.tool_calls
    assert (call.name, call.status, call.duration, '"result": "2"' in call.result) == ("calculator", "done", "4 ms", True)


def test_a_structured_answer_is_shown_as_its_value(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    end(member, turn, output={"urgency": "high", "tags": ["a"]})
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert message.output == {"urgency": "high", "tags": ["a"]}


def test_a_failed_answer_says_why_and_can_be_written_anew(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    end(member, turn, "failed", error={"code": "rate_limited", "message": "The provider is overloaded.", "node": "chat"})
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert (message.status, message.error_message) == ("failed", "The provider is overloaded.")
    assert message.error_hint
    again = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    end(member, again, output="Now it works.")
    assert said(member, turn) == [("user", "Hello"), ("assistant", "Now it works.")]


def test_an_ending_completes_an_answer_once(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id)
    end(member, turn, "cancelled")
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert (message.status, message.content) == ("done", "Re: Hello")


def test_words_streamed_before_a_stop_are_kept_once(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    ids = {"conversation_id": turn.conversation_id, "message_id": turn.message_id}
    assert conversations.keep_partial(member, **ids, text="too early").content == ""
    stopped = conversations.stop_answer(member, **ids)
    assert stopped.status == "stopped", "no worker held the run, so it is over at once"
    assert conversations.keep_partial(member, **ids, text="Once upon\x00 a").content == "Once upon a"
    assert conversations.keep_partial(member, **ids, text="other").content == "Once upon a"
    assert conversations.stop_answer(member, **ids).status == "stopped"


def test_a_second_message_waits_for_the_first_answer(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    with pytest.raises(Conflict, match="still answering"):
        send(member, "More", conversation_id=turn.conversation_id)


def test_the_model_hears_the_conversation_as_it_stands(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id, "One")
    second = send(member, "Two", conversation_id=turn.conversation_id)
    run = member.session.get(Run, parse_id(second.run_id))
    assert run is not None
    assert ([m["content"] for m in run.inputs["history"]], run.inputs["message"]) == (["One", "Re: One"], "Two")


def test_regenerating_counts_the_versions_of_an_answer(member: UnitOfWork, agent_id: str) -> None:
    turn = answered(member, agent_id)
    again = conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    end(member, again, output="Other words")
    message = conversations.get_conversation(member, conversation_id=turn.conversation_id).messages[1]
    assert (message.answer, message.answers, message.content) == (2, 2, "Other words")
    assert (message.older_id, message.newer_id) == (turn.message_id, "")
    with pytest.raises(Conflict):
        conversations.regenerate(member, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT)
    with pytest.raises(Conflict):
        conversations.edit_and_resend(
            member, conversation_id=turn.conversation_id, message_id=again.message_id, draft_spec=DRAFT, text="I am not mine"
        )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a message"),
        ("  \n ", "Write a message"),
        ("x" * 32_001, "at most 32,000"),
        ("a\x00b", "NUL"),
        ("half \ud83d", "surrogate"),
        (None, "must be text"),
        (["Hello"], "must be text"),
    ],
)
def test_a_hostile_message_is_one_plain_refusal_and_starts_nothing(member: UnitOfWork, agent_id: str, text: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        send(member, text, agent_id=agent_id)
    assert refused.value.fields.keys() == {"text"}
    assert conversations.list_conversations(member, agent_id=agent_id) == ()


def test_an_invalid_draft_starts_nothing(member: UnitOfWork, agent_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        send(member, agent_id=agent_id, model="openai/none", temperature=9)
    assert refused.value.fields.keys() == {"model", "temperature"}
    assert conversations.list_conversations(member, agent_id=agent_id) == ()


def test_conversations_are_listed_renamed_and_deleted(member: UnitOfWork, agent_id: str, clock: Any) -> None:
    first = answered(member, agent_id, "First")
    clock.advance(seconds=5)
    second = send(member, "Second", agent_id=agent_id)
    assert [row.title for row in conversations.list_conversations(member, agent_id=agent_id)] == ["Second", "First"]
    conversations.rename_conversation(member, conversation_id=first.conversation_id, title=" Better\u202e  title ")
    conversations.delete_conversation(member, conversation_id=second.conversation_id)
    assert [row.title for row in conversations.list_conversations(member, agent_id=agent_id)] == ["Better title"]
    run = member.session.get(Run, parse_id(second.run_id))
    assert run is not None
    assert run.status == "cancelled", "deleting stops what is still being written"
    with pytest.raises(NotFound):
        conversations.get_conversation(member, conversation_id=second.conversation_id)


def test_a_chat_with_an_unsaved_agent_is_handed_over_when_it_is_saved(member: UnitOfWork) -> None:
    turn, elsewhere = send(member), send(member)
    begun = conversations.list_conversations(member, agent_id="", among=[turn.conversation_id, "no id"])
    assert [row.id for row in begun] == [turn.conversation_id], "not those of other agents that were never saved"
    assert elsewhere.conversation_id not in [row.id for row in conversations.list_conversations(member, agent_id="")]
    made = agents.create_agent(member, draft=DRAFT)
    conversations.adopt_conversation(member, conversation_id=turn.conversation_id, agent_id=made.id)
    assert [row.id for row in conversations.list_conversations(member, agent_id=made.id)] == [turn.conversation_id]
    other = agents.create_agent(member, draft=DRAFT)
    conversations.adopt_conversation(member, conversation_id=turn.conversation_id, agent_id=other.id)
    assert conversations.list_conversations(member, agent_id=other.id) == ()


ACTIONS: dict[str, Callable[[UnitOfWork, TurnView], object]] = {
    "send": lambda uow, turn: send(uow, conversation_id=turn.conversation_id),
    "edit": lambda uow, turn: conversations.edit_and_resend(
        uow, conversation_id=turn.conversation_id, message_id=turn.user_message_id, draft_spec=DRAFT, text="x"
    ),
    "regenerate": lambda uow, turn: conversations.regenerate(
        uow, conversation_id=turn.conversation_id, message_id=turn.message_id, draft_spec=DRAFT
    ),
    "stop": lambda uow, turn: conversations.stop_answer(uow, conversation_id=turn.conversation_id, message_id=turn.message_id),
    "rename": lambda uow, turn: conversations.rename_conversation(uow, conversation_id=turn.conversation_id, title="x"),
    "delete": lambda uow, turn: conversations.delete_conversation(uow, conversation_id=turn.conversation_id),
    "keep": lambda uow, turn: conversations.keep_partial(uow, conversation_id=turn.conversation_id, message_id=turn.message_id, text="x"),
    "version": lambda uow, turn: show(uow, turn, turn.message_id),
}
READS: dict[str, Callable[[UnitOfWork, TurnView], object]] = {
    "open": lambda uow, turn: conversations.get_conversation(uow, conversation_id=turn.conversation_id),
    "message": lambda uow, turn: conversations.get_message(uow, conversation_id=turn.conversation_id, message_id=turn.message_id),
}
EVERYTHING = ACTIONS | READS


@pytest.mark.parametrize("action", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_neither_another_workspace_nor_a_colleague_reaches_a_conversation(
    member: UnitOfWork, agent_id: str, action: Callable[[UnitOfWork, TurnView], object]
) -> None:
    turn = answered(member, agent_id)
    mine = member.actor
    assert mine is not None
    colleague = make_member(member, name="Colleague")
    for stranger in (make_member(member), replace(colleague, workspace_id=mine.workspace_id)):
        member.actor = stranger
        with pytest.raises(NotFound):
            action(member, turn)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS.keys())
def test_a_viewer_may_not_chat(member: UnitOfWork, agent_id: str, action: Callable[[UnitOfWork, TurnView], object]) -> None:
    turn = answered(member, agent_id)
    assert member.actor is not None
    member.actor = replace(member.actor, role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        action(member, turn)


@pytest.mark.parametrize("action", EVERYTHING.values(), ids=EVERYTHING.keys())
def test_nobody_chats_without_signing_in(uow: UnitOfWork, action: Callable[[UnitOfWork, TurnView], object]) -> None:
    with pytest.raises(NotSignedIn):
        action(uow, TurnView("x", "x", "x", "x"))


def test_a_message_of_another_conversation_is_a_404(member: UnitOfWork, agent_id: str) -> None:
    mine, other = answered(member, agent_id), answered(member, agent_id)
    for action in (ACTIONS["regenerate"], ACTIONS["edit"], ACTIONS["stop"], READS["message"], ACTIONS["version"]):
        with pytest.raises(NotFound):
            action(member, replace(mine, message_id=other.message_id, user_message_id=other.user_message_id))


@pytest.mark.parametrize("forged", [None, 5, "nonsense", [], {"id": 1}, "\x00", "0" * 36])
def test_forged_ids_are_a_404(member: UnitOfWork, forged: object) -> None:
    with pytest.raises(NotFound):
        conversations.get_conversation(member, conversation_id=forged)
