"""Reading a run's journal for its trace: all of it without its values, and one attempt with everything that was recorded."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from app.core.errors import Invalid, NotFound
from app.core.text import text_problem
from app.core.uow import UnitOfWork
from app.services.runs.journal import event_table
from app.services.runs.queries import get_run_row
from app.services.runs.rows import names_of
from app.views.runs import EventRow
from app.views.trace import AttemptDetail, ModelCall, ToolUseRow
from engine.agents.turn import BILLED
from engine.json import JsonObject
from models.ids import parse_id

MOST_AT_ONCE = 20_000
MOST_CALLS = 60
_SMALL = 1500
_event = event_table.c
_FACT = ("type", "name", "model", "ms", "error")
_USAGE = ("input_tokens", "output_tokens", "cost_micros")
_PLAIN = ("attempt", "started_at", "source", "reason", "retry_at", "handled", "port")
_ENDS = {"node_finished": "done", "node_failed": "failed", "node_skipped": "skipped", "node_cancelled": "cancelled"}


def _columns() -> list[Any]:
    """A small payload comes whole; of a large one only what a trace shows, so that no value of a megabyte is read for a bar."""
    is_large = sa.func.length(sa.cast(_event.payload, sa.Text)) > _SMALL
    payload = _event.payload
    texts = {name: (name,) for name in _PLAIN} | {f"fact_{name}": ("fact", name) for name in _FACT} | {"message": ("error", "message")}
    numbers = {f"used_{name}": ("usage", name) for name in _USAGE} | {f"fact_used_{name}": ("fact", "usage", name) for name in _USAGE}
    picked: list[Any] = [sa.case((is_large, None), else_=payload).label("small")]
    picked += [sa.case((is_large, payload[path].as_string())).label(name) for name, path in texts.items()]
    picked += [sa.case((is_large, payload[path].as_integer())).label(name) for name, path in numbers.items()]
    return [_event.seq, _event.type, _event.node, _event.iteration, _event.at, *picked]


_MOMENTS = sa.select(*_columns())


def read_moments(uow: UnitOfWork, *, run_id: object, after_seq: int = 0, limit: int = MOST_AT_ONCE) -> tuple[EventRow, ...]:
    """Journal events after a number, in order, without inputs, outputs and prompts unless they are small."""
    row = get_run_row(uow, run_id=run_id)
    query = _MOMENTS.where(_event.run_id == row.id, _event.seq > max(0, after_seq)).order_by(_event.seq)
    found = uow.session.connection().execute(query.limit(max(1, min(limit, MOST_AT_ONCE))))
    return tuple(_moment(event) for event in found)


def _moment(row: Any) -> EventRow:
    payload = row.small if row.small is not None else _picked(row)
    return EventRow(seq=row.seq, type=row.type, node=row.node, iteration=row.iteration, at=row.at, payload=payload)


def _picked(row: Any) -> JsonObject:
    cells = row._mapping
    payload: JsonObject = {name: cells[name] for name in _PLAIN if cells[name] is not None}
    fact: JsonObject = {name: cells[f"fact_{name}"] for name in _FACT if cells[f"fact_{name}"] is not None}
    if fact:
        payload["fact"] = {**fact, "usage": _usage(cells, "fact_used")}
    if cells["message"] is not None:
        payload["error"] = {"message": cells["message"]}
    return {**payload, "usage": _usage(cells, "used")}


def _usage(cells: Any, place: str) -> JsonObject:
    return {name: cells[f"{place}_{name}"] or 0 for name in _USAGE}


def get_attempt(uow: UnitOfWork, *, run_id: object, node: object, iteration: object = "", seq: object) -> AttemptDetail:
    """The attempt to which journal entry `seq` belongs, with its values, prompts and tool calls; `chosen` is the call of that entry."""
    row = get_run_row(uow, run_id=run_id)
    if text_problem(node, max_length=63, label="Node") or text_problem(iteration, max_length=120, label="Iteration"):
        raise NotFound("This step")
    if not isinstance(seq, int) or isinstance(seq, bool):
        raise Invalid("The attempt is named by a journal number.", fields={"seq": "Give a whole number."})
    is_step = sa.and_(_event.run_id == row.id, _event.node == node, _event.iteration == iteration)
    events = uow.session.connection().execute(sa.select(event_table).where(is_step).order_by(_event.seq)).all()
    mine = _attempt_around(events, seq)
    if not mine:
        raise NotFound("This step")
    return _detail(uow, str(node), str(iteration), mine, seq=seq)


def _attempt_around(events: Sequence[Any], seq: int) -> list[Any]:
    """The events up to an end, after the end before, among which the number is. A stopped call is told of after the end."""
    mine: list[Any] = []
    for event in events:
        has_ended = event.type != "node_progress" and any(one.type in _ENDS for one in mine)
        if has_ended and event.seq > seq:
            break
        mine = [] if has_ended else mine
        mine.append(event)
    return mine if mine and mine[0].seq <= seq else []


def _detail(uow: UnitOfWork, node: str, iteration: str, events: list[Any], *, seq: int) -> AttemptDetail:
    merged: JsonObject = {}
    for event in events:
        if event.type != "node_progress":
            merged.update({name: value for name, value in event.payload.items() if value is not None})
    last = next((event for event in reversed(events) if event.type != "node_progress"), events[-1])
    facts: list[tuple[int, JsonObject]] = [
        (event.seq, event.payload.get("fact") or {}) for event in events if event.type == "node_progress"
    ]
    calls = [call for number, fact in facts if (call := _call(fact, number)) is not None]
    usage: JsonObject = merged.get("usage") or {}
    output = merged.get("output")
    decided_by = parse_id(output.get("by")) if isinstance(output, dict) else None
    people = names_of(uow, {decided_by}) if decided_by else {}
    return AttemptDetail(
        node=node,
        iteration=iteration,
        attempt=int(merged.get("attempt") or 1),
        status=_ENDS.get(last.type, "waiting" if last.type == "node_waiting" else "running"),
        source=str(merged.get("source") or ""),
        port=str(merged.get("port") or ""),
        inputs=merged.get("inputs"),
        output=output,
        error=merged.get("error"),
        ms=merged.get("ms"),
        calls=tuple(calls[:MOST_CALLS]),
        hidden_calls=max(0, len(calls) - MOST_CALLS),
        printed="\n".join(str(fact.get("text", "")) for _, fact in facts if fact.get("type") == "printed"),
        tokens=int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0)),
        cost_micros=int(usage.get("cost_micros", 0)),
        chosen=next((call for call in calls if call.seq == seq), None),
        people={str(user): name for user, name in people.items()},
    )


def _call(fact: JsonObject, seq: int) -> ModelCall | ToolUseRow | None:
    if fact.get("type") == "tool_result":
        ms = float(fact.get("ms") or 0.0)
        return ToolUseRow(str(fact.get("name", "")), fact.get("arguments"), fact.get("result"), str(fact.get("error") or ""), ms, seq)
    if fact.get("type") not in BILLED:
        return None
    usage, request, reply = fact.get("usage") or {}, fact.get("request") or {}, fact.get("reply") or {}
    return ModelCall(
        call=int(fact.get("call") or 1),
        model=str(fact.get("model", "")),
        ms=float(fact.get("ms") or 0.0),
        input_tokens=int(usage.get("input_tokens", 0)),
        output_tokens=int(usage.get("output_tokens", 0)),
        cost_micros=int(usage.get("cost_micros", 0)),
        messages=tuple(request.get("messages") or ()),
        left_out=int(request.get("left_out") or 0),
        tools=tuple(map(str, request.get("tools") or ())),
        text=str(reply.get("text") or fact.get("text") or ""),
        is_broken_off=fact["type"] == "partial",
        tool_calls=tuple(reply.get("tool_calls") or ()),
        passed=tuple(fact.get("passed") or ()),
        error=str(fact.get("error") or ""),
        seq=seq,
    )
