"""Completes an answer in the transaction that ends its run; app.wiring lists `finish_turn` as a hook of chat runs."""

import json
import uuid
from typing import Any

import sqlalchemy as sa

from app.core.endings import RunEnded
from app.services.conversations.branches import message_table
from app.services.conversations.rows import STREAMING
from engine.agents.turn import BILLED
from engine.json import JsonObject, JsonValue, as_object
from engine.run.events import EventType
from models.base import utc_now
from models.run import RunEvent, Step

event_table: sa.Table = RunEvent.__table__  # type: ignore[attr-defined]
step_table: sa.Table = Step.__table__  # type: ignore[attr-defined]
_STATUS = {"succeeded": "done", "failed": "failed", "cancelled": "stopped"}


def finish_turn(connection: sa.Connection, ended: RunEnded) -> None:
    """Give the message of a finished chat run its words, tool calls, figures and status; partial text of a stopped one is kept."""
    facts = _progress(connection, ended.run_id)
    values: dict[str, Any] = {
        "status": _STATUS.get(ended.status, "failed"),
        "content": answer_text(ended.output) if ended.status == "succeeded" else partial_text(facts),
        "tool_calls": tool_calls(facts),
        "error": _error(connection, ended) if ended.status == "failed" else None,
        "input_tokens": ended.input_tokens,
        "output_tokens": ended.output_tokens,
        "cost_micros": ended.cost_micros,
        "duration_ms": _duration(ended),
        "updated_at": utc_now(),
    }
    model = _model_that_answered(facts)
    if model:
        values["model"] = model
    is_open = sa.and_(message_table.c.run_id == ended.run_id, message_table.c.status == STREAMING)
    connection.execute(sa.update(message_table).where(is_open).values(values))


def answer_text(output: JsonValue) -> str:
    """Return the words of an answer; a structured one is kept as its JSON text."""
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False, indent=2)


def partial_text(facts: list[JsonObject]) -> str:
    """Return what the model had said when the run was stopped or failed: the words before its tool calls, and the unfinished ones."""
    said: dict[int, str] = {}
    for fact in facts:
        if fact.get("type") == "model_call":
            said[int(fact.get("call", 0))] = str((as_object(fact.get("reply")) or {}).get("text") or "")
        elif fact.get("type") == "partial":
            said[int(fact.get("call", 0))] = str(fact.get("text") or "")
    return "\n\n".join(text for _, text in sorted(said.items()) if text.strip())


def tool_calls(facts: list[JsonObject]) -> list[JsonObject]:
    """Return the tool calls in order, as the message keeps them."""
    return [
        {key: fact.get(key) for key in ("id", "name", "arguments", "result", "error", "ms")}
        for fact in facts
        if fact.get("type") == "tool_result"
    ]


def _progress(connection: sa.Connection, run_id: uuid.UUID) -> list[JsonObject]:
    query = (
        sa.select(event_table.c.payload)
        .where(event_table.c.run_id == run_id, event_table.c.type == EventType.NODE_PROGRESS)
        .order_by(event_table.c.seq)
    )
    facts = (as_object((as_object(payload) or {}).get("fact")) for payload in connection.execute(query).scalars())
    return [fact for fact in facts if fact is not None]


def _error(connection: sa.Connection, ended: RunEnded) -> JsonObject:
    """The failure, with how often it was tried."""
    attempts = connection.execute(sa.select(sa.func.max(step_table.c.attempt)).where(step_table.c.run_id == ended.run_id)).scalar()
    return {**(ended.error or {}), "attempts": attempts or 1}


def _model_that_answered(facts: list[JsonObject]) -> str:
    return next((str(fact["model"]) for fact in reversed(facts) if fact.get("type") in BILLED and fact.get("model")), "")


def _duration(ended: RunEnded) -> float | None:
    return (ended.finished_at - ended.started_at).total_seconds() * 1000 if ended.started_at else None
