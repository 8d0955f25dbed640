"""The driver's pen: every event is applied to the state at once and reaches the journal in order, many in one commit."""

import asyncio
from datetime import datetime
from typing import Any

from engine.json import JsonObject
from engine.ports import Clock
from engine.run.events import EventType, Journal, JournalEvent
from engine.run.frames import Place
from engine.run.state import RunState

MAX_BATCH = 500


class Recorder:
    """Buffers events between commits. `failure` is what the journal raised; after it nothing more is written."""

    __slots__ = ("_lock", "buffer", "clock", "failure", "is_closed", "journal", "state")

    def __init__(self, state: RunState, journal: Journal, clock: Clock) -> None:
        self.state = state
        self.journal = journal
        self.clock = clock
        self.buffer: list[JournalEvent] = []
        self.failure: BaseException | None = None
        self.is_closed = False
        self._lock = asyncio.Lock()

    def emit(self, kind: EventType, place: Place | None, data: dict[str, Any], *, at: datetime | None = None) -> None:
        """Write one event down and apply it. `at` is given where the very moment was used already."""
        if self.is_closed:
            return
        if place is None:
            event = JournalEvent(kind, at or self.clock.now(), None, "", data)
        else:
            frame = place.frame
            event = JournalEvent(kind, at or self.clock.now(), frame.scope.nodes[place.slot].id, frame.iteration, data)
        self.buffer.append(event)
        self.state.apply(event)

    def end(self, kind: EventType, data: JsonObject) -> None:
        """Write the run's last event; whatever comes later is dropped."""
        self.emit(kind, None, data)
        self.is_closed = True

    async def flush(self) -> None:
        """Commit everything written so far; when another commit is on its way, wait for it first."""
        if not self.buffer and not self._lock.locked():
            return
        async with self._lock:
            if self.failure is not None:
                raise self.failure
            batch, self.buffer = self.buffer, []
            if not batch:
                return
            try:
                await self.journal.commit(batch)
            except BaseException as error:
                self.failure = error
                self.is_closed = True
                raise
