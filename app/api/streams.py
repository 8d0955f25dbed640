"""Server-sent events: a run's journal and a chat's answer as they grow. Who asks is read from SQL anew every few seconds.

A reader that comes back names with Last-Event-ID what it has; SQL stays the truth, so nothing is lost with the live feed.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header
from fastapi.encoders import jsonable_encoder
from fastapi.responses import StreamingResponse

from app.api.callers import Caller, Door
from app.api.envelope import REFUSALS, Id
from app.api.errors import error_body
from app.core.errors import AppError
from app.core.uow import UnitOfWork
from app.services import conversations, runs
from app.services.runs.queries import MOST_EVENTS
from app.views.runs import EventRow, RunRow

router = APIRouter(prefix="/api/v1", tags=["streams"], responses=REFUSALS)
RECHECK_S = 2.0
TERMINAL = ("succeeded", "failed", "cancelled")
STREAM: dict[str, Any] = {"description": "text/event-stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}}
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
LastEventId = Annotated[str | None, Header(max_length=40, description="The id of the last event you have; the stream goes on after it.")]
_CURSOR = re.compile(r"\d{1,20}-\d{1,10}")


def event(kind: str, data: Any, *, id: str = "") -> str:
    """One event as it travels; JSON has no line breaks of its own."""
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {kind}\ndata: {json.dumps(jsonable_encoder(data), ensure_ascii=False)}\n\n"


@router.get("/runs/{run_id}/stream", operation_id="stream_run", response_class=StreamingResponse, responses={200: STREAM})
async def stream_run(run_id: Id, door: Caller, last_event_id: LastEventId = None) -> StreamingResponse:
    """The journal as it grows: an event per entry with its number as id, then `end` with how the run ended."""
    after = int(last_event_id) if last_event_id and last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) < 10 else 0
    first = await door.read(_look, run_id=run_id, after=after)
    return _stream(_journal(door, run_id, first))


@router.get(
    "/conversations/{conversation_id}/messages/{message_id}/stream",
    operation_id="stream_message",
    response_class=StreamingResponse,
    responses={200: STREAM},
)
async def stream_message(conversation_id: Id, message_id: Id, door: Caller, last_event_id: LastEventId = None) -> StreamingResponse:
    """An answer as it is written: `text`, `tool_call`, `tool_result`, `reset` (what was said since the last call counts no more),
    then `message` with the whole answer.
    """
    ids = {"conversation_id": conversation_id, "message_id": message_id}
    message = await door.read(conversations.get_message, **ids)
    cursor = last_event_id if last_event_id and _CURSOR.fullmatch(last_event_id) else "0"
    return _stream(_answer(door, ids, message.run_id, cursor))


def _stream(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(_guarded(events), media_type="text/event-stream", headers=HEADERS)


async def _guarded(events: AsyncIterator[str]) -> AsyncIterator[str]:
    """A right that is lost meanwhile ends the stream, in words."""
    try:
        async for one in events:
            yield one
    except AppError as error:
        yield event("error", error_body(error.error_code, error.message, error.fields))


def _look(uow: UnitOfWork, *, run_id: str, after: int) -> tuple[RunRow, tuple[EventRow, ...]]:
    """How the run stands and what its journal has new; the row first, so that an ended run's journal is complete."""
    return runs.get_run_row(uow, run_id=run_id), runs.read_events(uow, run_id=run_id, after_seq=after)


async def _journal(door: Door, run_id: str, found: tuple[RunRow, tuple[EventRow, ...]]) -> AsyncIterator[str]:
    feed, cursor, after = door.wiring.ports.live, "0", 0
    while True:
        row, events = found
        for one in events:
            after = one.seq
            yield event(one.type, one, id=str(one.seq))
        if row.status in TERMINAL and len(events) < MOST_EVENTS:
            yield event("end", {"run_id": row.id, "status": row.status, "error_message": row.error_message})
            return
        if len(events) < MOST_EVENTS:
            cursor = await _wait_for_news(feed, row.id, cursor)
            yield ": still here\n\n"
        found = await door.read(_look, run_id=run_id, after=after)


async def _wait_for_news(feed: Any, run_id: Any, cursor: str) -> str:
    """Wait until the journal has moved on, or a few seconds; return where the feed stands."""
    until = time.monotonic() + RECHECK_S
    while (left := until - time.monotonic()) > 0:
        updates = await feed.read(run_id, cursor=cursor, wait_s=left)
        cursor = updates[-1].cursor if updates else cursor
        if any(update.kind == "journal" for update in updates):
            break
        await asyncio.sleep(0 if updates else min(0.2, left))
    return cursor


async def _answer(door: Door, ids: dict[str, str], run_id: str, cursor: str) -> AsyncIterator[str]:
    feed, looked_at = door.wiring.ports.live, 0.0
    has_news = True
    while True:
        if has_news or time.monotonic() - looked_at >= RECHECK_S:
            message = await door.read(conversations.get_message, **ids)
            looked_at, has_news = time.monotonic(), False
            if message.status != "streaming" or not run_id:
                yield event("message", message)
                return
        updates = await feed.read(UUID(run_id), cursor=cursor, wait_s=max(0.0, looked_at + RECHECK_S - time.monotonic()))
        for update in updates:
            cursor = update.cursor
            if update.kind == "journal":
                has_news = True
            else:
                yield event(update.kind, update.payload, id=cursor)
        if not updates:
            yield ": still here\n\n"
            await asyncio.sleep(0.2)
