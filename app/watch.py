"""Follows a run for a page: the live feed says when to look, SQL says what is true, and rights are re-read all the time."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from app.core.errors import DatabaseAway
from app.core.ports import LiveUpdate
from app.services.runs import get_run_row, read_events
from app.services.runs.queries import MOST_EVENTS
from app.session import call_as
from app.views.runs import EventRow, RunRow
from app.wiring import get_wiring

RECHECK_S = 2.0
PUSH_EVERY_S = 0.04
TERMINAL = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What changed since the last one: the run row, new journal events in order, and streamed pieces."""

    row: RunRow
    events: list[EventRow] = field(default_factory=list[EventRow])
    live: list[LiveUpdate] = field(default_factory=list[LiveUpdate])

    @property
    def is_over(self) -> bool:
        """Whether the run has ended; the last glimpse says so."""
        return self.row.status in TERMINAL


async def watch_run(token: str, run_id: str, *, after_seq: int = 0) -> AsyncIterator[Glimpse]:
    """Yield glimpses until the run is over or the caller stops; raises AppError once the session has lost its rights.

    The first glimpse holds every event after `after_seq`. Without any news one is still yielded every few seconds.
    """
    feed = get_wiring().ports.live
    row, events = await asyncio.to_thread(_look, token, run_id, after_seq)
    seq, cursor, looked_at = after_seq, "0", time.monotonic()
    live: list[LiveUpdate] = []
    while True:
        seq = events[-1].seq if events else seq
        glimpse = Glimpse(row, events, live)
        yield glimpse
        if glimpse.is_over:
            return
        await asyncio.sleep(PUSH_EVERY_S)
        live = await feed.read(row.id, cursor=cursor, wait_s=max(0.0, looked_at + RECHECK_S - time.monotonic()))
        cursor = live[-1].cursor if live else cursor
        events = []
        if not live or time.monotonic() - looked_at >= RECHECK_S or any(update.kind == "journal" for update in live):
            try:
                row, events = await asyncio.to_thread(_look, token, run_id, seq)
            except DatabaseAway:  # what was shown stays until it answers again
                await asyncio.sleep(RECHECK_S)
            looked_at = time.monotonic()


def _look(token: str, run_id: str, after_seq: int) -> tuple[RunRow, list[EventRow]]:
    row = call_as(token, get_run_row, write=False, arguments={"run_id": run_id})
    events: list[EventRow] = []
    while True:
        after = events[-1].seq if events else after_seq
        page = call_as(token, read_events, write=False, arguments={"run_id": run_id, "after_seq": after})
        events.extend(page)
        if len(page) < MOST_EVENTS:
            return row, events
