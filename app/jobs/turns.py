"""The places of a worker, shared among workspaces: while they are scarce, none holds more than half of them when another one waits;
of a single place they take turns."""

import asyncio
import logging
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import Unavailable
from app.core.ports import JobQueue
from app.jobs.leases import Active
from app.services.runs.turns import pick_fairly

log = logging.getLogger(__name__)
ALONE_S = 0.2  # how long it is believed that no other workspace waits; a deep queue is not searched for every run


class Turns:
    """Bound to one event loop. `active` are the runs that have a place, by their ids; a run that gives way leaves its place to another."""

    def __init__(self, active: dict[uuid.UUID, Active], database: Engine, queue: JobQueue, *, capacity: int) -> None:
        self._active = active
        self._database = database
        self._queue = queue
        self._share = max(1, capacity // 2)
        self._is_single = capacity == 1
        self.last: uuid.UUID | None = None  # the workspace that a run was claimed for last; with one place, it has had its turn
        self._undecided: list[Active] = []
        self._deciding = asyncio.Lock()
        self._alone_until = 0.0

    async def give_way(self, active: Active) -> None:
        """Turn it into another workspace's oldest run if its own holds its share; with plenty of places nothing is asked."""
        is_roomy = len(self._active) <= self._share and not self._is_single
        if is_roomy or time.monotonic() < self._alone_until:
            return
        self._undecided.append(active)
        async with self._deciding:
            if active in self._undecided:  # else it was decided together with another one
                batch, self._undecided = self._undecided, []
                await self._decide(batch)

    async def _decide(self, batch: list[Active]) -> None:
        rung = [active.run_id for active in batch]
        others = [active for run_id, active in self._active.items() if run_id not in set(rung)]
        held = Counter(active.claimed.workspace_id for active in others if active.claimed is not None)
        if self._is_single and self.last is not None:
            held[self.last] += 1
        taken = [active.run_id for active in others if active.claimed is None]
        if max(held.values(), default=0) + len(taken) + len(rung) <= self._share:
            return
        try:
            chosen = await asyncio.to_thread(self._choose, rung, held, taken)
        except (SQLAlchemyError, Unavailable) as error:
            log.warning("%d runs are taken in order: %s", len(rung), error)
            return
        for active in batch:
            instead = chosen.get(active.run_id)
            if instead is not None and instead not in self._active:
                del self._active[active.run_id]
                active.run_id = instead
                self._active[instead] = active

    def _choose(
        self, rung: Sequence[uuid.UUID], held: Mapping[uuid.UUID, int], taken: Sequence[uuid.UUID]
    ) -> Mapping[uuid.UUID, uuid.UUID]:
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            turn = pick_fairly(connection, rung, held=held, taken=taken, share=self._share)
        if turn.is_alone:
            self._alone_until = time.monotonic() + ALONE_S
        for run_id in turn.instead:
            self._queue.ring_run(run_id)  # it goes to the end of the queue, its row keeps its age
        return turn.instead
