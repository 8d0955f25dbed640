"""Test answers on their way: partial words that stay, and attempts that are waited for."""

import re
import uuid
from datetime import timedelta
from typing import Any

from app.core.uow import UnitOfWork
from app.services import conversations
from app.services.conversations.rows import HINTS
from app.services.runs.journal import append_events
from app.views.conversations import TurnView
from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from models.base import utc_now
from models.run import RunEvent, Step
from tests.support.chats import end, send
from tests.support.source import ROOT


def progress(uow: UnitOfWork, turn: TurnView, *facts: JsonObject) -> None:
    """What the worker journals while it works."""
    for number, fact in enumerate(facts):
        payload = {"key": str(number), "fact": fact, "attempt": 1}
        row = RunEvent(
            run_id=uuid.UUID(turn.run_id), seq=50 + number, type=EventType.NODE_PROGRESS, node="answer", at=utc_now(), payload=payload
        )
        uow.session.add(row)


def test_a_stopped_answer_keeps_its_words_though_nobody_followed_it(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    looked_up: JsonObject = {"type": "model_call", "call": 0, "model": "demo/assistant", "reply": {"text": "Let me see."}}
    progress(member, turn, looked_up, {"type": "partial", "call": 1, "text": "It is 4"})
    end(member, turn, "cancelled")
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert (message.status, message.content) == ("stopped", "Let me see.\n\nIt is 4")


def test_a_stopped_answer_tells_what_it_used_as_an_estimate(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    used = {"input_tokens": 12, "output_tokens": 3, "cost_micros": 450, "calls": 1, "is_estimated": True}
    broken: JsonObject = {"type": "partial", "call": 0, "model": "demo/assistant", "text": "It is 4", "usage": used}
    events = [
        JournalEvent(EventType.NODE_STARTED, utc_now(), "answer", data={"attempt": 1}),
        JournalEvent(EventType.NODE_PROGRESS, utc_now(), "answer", data={"key": "partial:0", "fact": broken, "attempt": 1}),
        JournalEvent(EventType.RUN_CANCELLED, utc_now(), data={"by": None}),
    ]
    hooks = {"chat": (conversations.finish_turn,)}
    append_events(member.session.connection(), uuid.UUID(turn.run_id), member.workspace_id, events, hooks=hooks)
    member.session.expire_all()
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert (message.status, message.content, message.tokens, message.cost) == ("stopped", "It is 4", "about 12 in · 3 out", "$0.00045")


def test_every_failure_of_a_model_has_a_hint_of_its_own() -> None:
    raised = re.compile(r"(?:Transient|Permanent|LimitExceeded)\(\s*\"((?:model|turn|answer|too_many_model|unknown_model)\w*)\"")
    sources = [*ROOT.glob("app/adapters/llm_*.py"), *ROOT.glob("app/adapters/llm_demo/*.py"), *ROOT.glob("engine/agents/*.py")]
    codes = {code for source in sources for code in raised.findall(source.read_text(encoding="utf-8"))}
    assert len(codes) >= 12
    assert codes - HINTS.keys() == set()


def test_words_of_an_attempt_that_was_repeated_are_no_part_of_the_answer(member: UnitOfWork, agent_id: str) -> None:
    turn = send(member, agent_id=agent_id)
    again: JsonObject = {"type": "model_call", "call": 0, "model": "demo/assistant", "reply": {"text": "Whole."}}
    progress(member, turn, {"type": "partial", "call": 0, "text": "Who"}, again)
    end(member, turn, "failed", error={"code": "x", "message": "Broken."})
    message = conversations.get_message(member, conversation_id=turn.conversation_id, message_id=turn.message_id)
    assert message.content == "Whole."


def test_waiting_for_another_attempt_says_when_which_and_why(member: UnitOfWork, agent_id: str, clock: Any) -> None:
    turn = send(member, agent_id=agent_id)
    ids = {"conversation_id": turn.conversation_id, "message_id": turn.message_id}
    assert conversations.get_message(member, **ids).retry.attempt == 0
    run_id = uuid.UUID(turn.run_id)
    due = (clock.now() + timedelta(seconds=7)).isoformat()
    failed = {"attempt": 1, "retry_at": due, "error": {"message": "OpenAI is overloaded. Try again in a while."}}
    member.session.add(RunEvent(run_id=run_id, seq=60, type=EventType.NODE_FAILED, node="answer", at=utc_now(), payload=failed))
    step = Step(run_id=run_id, node="answer", status="waiting", reason="retry")
    member.session.add(step)
    retry = conversations.get_conversation(member, conversation_id=turn.conversation_id).messages[1].retry
    assert (retry.wait_s, retry.attempt, retry.attempts, retry.reason) == (7.0, 2, 3, "OpenAI is overloaded.")
    step.status, step.reason = "running", ""
    member.session.flush()
    assert conversations.get_message(member, **ids).retry.attempt == 0
    step.attempt = 3
    end(member, turn, "failed", error={"code": "model_overloaded", "message": "OpenAI is overloaded."})
    assert conversations.get_message(member, **ids).error_message == "OpenAI is overloaded. It was tried 3 times."
