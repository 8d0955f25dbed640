"""Drives one run: starts every ready node at once, journals what happens, parks, resumes, cancels; the worker and the CLI call it."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from heapq import heappop, heappush
from typing import Any

from engine.errors import Held, LimitExceeded, NodeFailed
from engine.json import JsonObject
from engine.run.deps import Deps
from engine.run.dry import ports_for
from engine.run.events import EventType, Journal, JournalEvent, Outcome
from engine.run.frames import Key, NodeStatus, Place
from engine.run.plan import Plan
from engine.run.policy import error_value
from engine.run.recorder import MAX_BATCH, Recorder
from engine.run.state import RunState
from engine.run.steps import Attempt, Steps
from engine.run.values import check_value

log = logging.getLogger(__name__)
STOP_GRACE_S = 0.9  # a cancelled node that does not let go by then is left behind
SLICE_S = 0.005  # pure nodes run in place this long before the event loop gets its turn
FLUSH_AFTER_S = 0.25
LONGEST_NAP_S = 3600.0


class Driver:
    """One drive of one run. `run` may be called once; the other methods are called from the same event loop meanwhile."""

    def __init__(self, plan: Plan, history: Sequence[JournalEvent], deps: Deps, journal: Journal) -> None:
        self.plan = plan
        self.deps = deps = ports_for(plan.setup, deps)
        self.state = RunState(plan).fold(history)
        self.recorder = Recorder(self.state, journal, deps.clock)
        self.steps = Steps(self.state, self.recorder, deps)
        self._tasks: dict[Key, asyncio.Task[Any]] = {}
        self._finished: deque[tuple[Attempt, asyncio.Task[Any]]] = deque()
        self._backlog: deque[Place] = deque()
        self._timers: list[tuple[datetime, Key]] = []
        self._inbox: list[JournalEvent] = []
        self._wake = asyncio.Event()
        self._cancelled_by: str | None = None
        self._is_cancelled = False
        self._release_by: float | None = None
        self._spent: Held | None = None  # the limit that the run has reached, if a person can be asked
        self._started_at = deps.clock.monotonic()
        self._flushed_at = self._started_at

    # -- called from outside

    def cancel(self, by: str | None = None) -> None:
        """Stop the run for good; `run` returns within a second. `by` is the id of the person who asked."""
        self._is_cancelled = True
        self._cancelled_by = by
        self._wake.set()

    def release(self, grace_s: float = 10.0) -> None:
        """Start nothing more; give running nodes `grace_s` to finish, then leave the run to another worker."""
        self._release_by = self.deps.clock.monotonic() + grace_s
        self._wake.set()

    def deliver(self, event: JournalEvent) -> None:
        """Hand in an event that somebody else has journaled while this run is driven (NODE_RESUMED)."""
        self._inbox.append(event)
        self._wake.set()

    async def run(self) -> Outcome:
        """Drive until the run ends, parks or is released. LeaseLost and journal failures stop everything and propagate."""
        if self.state.ended is not None:
            return _outcome(self.state.ended)
        try:
            self._begin()
            while True:
                outcome = await self._turn()
                if outcome is not None:
                    return outcome
        finally:
            await self._stop_tasks()

    # -- the loop

    def _begin(self) -> None:
        state = self.state
        if not state.is_started:
            self.recorder.emit(EventType.RUN_STARTED, None, {"inputs": self.deps.inputs})
        elif state.steps or state.running or state.waiting:
            interrupted = [{"node": node, "iteration": iteration} for node, iteration in state.running]
            self.recorder.emit(EventType.RUN_RESUMED, None, {"interrupted": interrupted})
        for place in list(state.running.values()):
            if not self.steps.park_unknown(place) and place.node.body is None:
                self._backlog.append(place)
        for key, waiting in state.waiting.items():
            if waiting.until is not None:
                heappush(self._timers, (waiting.until, key))
        for key, until in state.deadlines.items():
            heappush(self._timers, (until, key))

    async def _turn(self) -> Outcome | None:
        self._wake.clear()
        self._take_finished()
        self._take_news()
        ended = self._must_end()
        if ended is not None:
            return await self._abort(*ended)
        has_more = self._run_ready()
        self._report()
        if self.state.is_complete:
            return await self._finish()
        started = [] if self._release_by is not None else self._stage()
        await self._commit(is_intent=any(attempt.needs_intent for attempt in started), has_more=has_more)
        for attempt in started:
            self._start(attempt)
        if self._release_by is None and (has_more or self.state.ready or self.state.is_complete):
            await asyncio.sleep(0)
            return None
        if self._wake.is_set():
            return None
        return await self._rest()

    def _take_finished(self) -> None:
        while self._finished:
            attempt, task = self._finished.popleft()
            if self._tasks.get(attempt.place.key) is task:
                del self._tasks[attempt.place.key]
            if attempt.place.status is NodeStatus.RUNNING and not task.cancelled():
                self._settle(attempt, task)
        if self.recorder.failure is not None:
            raise self.recorder.failure

    def _settle(self, attempt: Attempt, task: asyncio.Task[Any]) -> None:
        error = task.exception()
        if error is None:
            self._watch(self.steps.finish(attempt, task.result()))
        elif error is not self.recorder.failure:
            self._watch(self.steps.fail(attempt, error))

    def _watch(self, timer: tuple[datetime, Key] | None) -> None:
        if timer is not None:
            heappush(self._timers, timer)

    def _take_news(self) -> None:
        """Apply what others journaled, and wake what is due."""
        while self._inbox:
            self.state.apply(self._inbox.pop(0))
        now = self.deps.clock.now() if self._timers else None
        while now is not None and self._timers and self._timers[0][0] <= now:
            due, key = heappop(self._timers)
            waiting = self.state.waiting.get(key)
            if waiting is not None and waiting.until == due:
                self.steps.wake(key, waiting)
            elif self.state.deadlines.get(key) == due:
                self.steps.expire(key)

    def _must_end(self) -> tuple[EventType, JsonObject, str] | None:
        state = self.state
        if self._is_cancelled:
            return EventType.RUN_CANCELLED, {"by": self._cancelled_by}, "run_cancelled"
        error: LimitExceeded | None = None
        if state.steps + self.deps.can_ask > state.most_steps:
            error = LimitExceeded(
                "too_many_steps", f"The run took more than {state.most_steps:,} steps. Raise the limit or shorten the lists."
            )
        elif self._seconds_left() <= 0:
            message = f"The run worked longer than its limit of {state.most_s:g} seconds. Raise the limit or split the work."
            error = LimitExceeded("run_timeout", message)
        self._spent = None if error is None or not self.deps.can_ask else self._out_of(error)
        return (
            None if error is None or self._spent is not None else (EventType.RUN_FAILED, {"error": error_value(error, None)}, "run_failed")
        )

    def _out_of(self, error: LimitExceeded) -> Held:
        """The limit as a question to a person: what has begun is let finish, nothing more begins."""
        state = self.state
        cap, limit, used = "time", state.most_s, state.most_s - self._seconds_left()
        if error.code == "too_many_steps":
            cap, limit, used = "steps", state.most_steps, state.steps
        facts: JsonObject = {"scope": "run", "cap": cap, "limit": limit, "used": round(used, 1)}
        what = f"{limit:,} steps" if cap == "steps" else f"{limit:g} seconds of work"
        return Held("budget", f"The run has used its limit of {what}.", request=facts)

    def _seconds_left(self) -> float:
        return self.state.most_s - self.state.active_s - (self.deps.clock.monotonic() - self._started_at)

    def _nap_s(self) -> float:
        """How long to sleep at most while something is at work."""
        return self._seconds_left() if self._spent is None else LONGEST_NAP_S

    def _run_ready(self) -> bool:
        """Run what is pure and quick in place, queue the rest; True when the time slice or the batch is full."""
        state, steps, clock = self.state, self.steps, self.deps.clock
        if self._release_by is not None:
            return False
        until = clock.monotonic() + SLICE_S
        most_steps = state.most_steps - self.deps.can_ask
        while state.ready:
            place = state.ready.popleft()
            status = place.status
            if status is NodeStatus.COLLECTING:
                steps.collect(place)
            elif status is not NodeStatus.READY or steps.answered(place):
                continue
            elif self._spent is not None:
                self._watch(steps.hold(place, self._spent))
            elif place.node.kind.immediate:
                self._watch(steps.run_now(place))
            else:
                self._backlog.append(place)
                continue
            if state.unreported:
                self._report()
            if clock.monotonic() > until or len(self.recorder.buffer) >= MAX_BATCH:
                return True
            if state.steps > most_steps and self._spent is None:
                return True
        return False

    def _report(self) -> None:
        """Journal what was skipped or cancelled by what just happened, and stop the tasks of the latter."""
        unreported = self.state.unreported
        while unreported:
            key, place = next(iter(unreported.items()))
            if place.status is NodeStatus.SKIPPED:
                self.recorder.emit(EventType.NODE_SKIPPED, place, {})
            else:
                task = self._tasks.get(key)
                if task is not None:
                    task.cancel()
                self.recorder.emit(EventType.NODE_CANCELLED, place, {"reason": place.frame.cause or "stopped"})

    def _stage(self) -> list[Attempt]:
        """Resolve the inputs of the next nodes and write down that they start."""
        staged: list[Attempt] = []
        room = self.plan.limits.max_parallel - len(self._tasks)
        if self.deps.can_ask and self._spent is None:
            room = min(room, self.state.most_steps - self.state.steps - len(self._tasks))
        while self._backlog and len(staged) < room:
            place = self._backlog.popleft()
            if place.status not in (NodeStatus.READY, NodeStatus.RUNNING) or place.key in self._tasks:
                continue
            attempt = self.steps.begin(place) if self._spent is None else self.steps.hold(place, self._spent)
            if isinstance(attempt, Attempt):
                staged.append(attempt)
            else:
                self._watch(attempt)
        self._report()
        return staged

    async def _commit(self, *, is_intent: bool, has_more: bool) -> None:
        """Write before a call with effects, before resting, and at the bounds of time and size; otherwise let it grow."""
        now = self.deps.clock.monotonic()
        is_due = len(self.recorder.buffer) >= MAX_BATCH or now - self._flushed_at > FLUSH_AFTER_S
        if is_intent or is_due or not has_more:
            await self.recorder.flush()
            self._flushed_at = now

    def _start(self, attempt: Attempt) -> None:
        if self._is_cancelled or attempt.place.status is not NodeStatus.RUNNING:
            return
        task = asyncio.create_task(self.steps.execute(attempt))
        self._tasks[attempt.place.key] = task
        task.add_done_callback(lambda done: self._on_done(attempt, done))

    def _on_done(self, attempt: Attempt, task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()  # marks it as seen, also when the drive ends before it is looked at
        self._finished.append((attempt, task))
        self._wake.set()

    # -- resting and ending

    async def _rest(self) -> Outcome | None:
        """Nothing can start now: wait for tasks or short timers, or hand the run back."""
        now = self.deps.clock.now()
        next_due = self._next_due()
        if self._release_by is not None:
            left = self._release_by - self.deps.clock.monotonic()
            if not self._tasks or left <= 0:
                return await self._release()
            return await self._sleep(min(left, self._nap_s()))
        if self._ask_anew():
            return None
        wait_s = None if next_due is None else max(0.0, (next_due - now).total_seconds())
        if self._tasks:
            return await self._sleep(self._nap_s() if wait_s is None else min(self._nap_s(), wait_s))
        if not self.state.waiting:
            raise RuntimeError(f"run {self.deps.run_id} stands still: nothing runs, nothing waits, and it is not complete")
        if wait_s is not None and wait_s <= self.deps.park_after_s:
            return await self._sleep(min(wait_s, max(0.0, self._nap_s())))
        return await self._park(next_due)

    def _ask_anew(self) -> bool:
        """The step that asked about a budget is gone, and others wait for it too: one of them tries again, and asks."""
        held = [key for key, waiting in self.state.waiting.items() if waiting.reason == "budget"]
        if not held or any(self.state.waiting[key].asks for key in held):
            return False
        self.recorder.emit(EventType.NODE_RESUMED, self.state.place(*held[0]), {"reason": "budget", "decision": {}})
        return True

    def _next_due(self) -> datetime | None:
        while self._timers:
            due, key = self._timers[0]
            waiting = self.state.waiting.get(key)
            if (waiting is not None and waiting.until == due) or self.state.deadlines.get(key) == due:
                return due
            heappop(self._timers)
        return None

    async def _sleep(self, seconds: float) -> None:
        handle = asyncio.get_running_loop().call_later(max(0.0, seconds), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            handle.cancel()

    async def _park(self, wake_at: datetime | None) -> Outcome | None:
        await self.recorder.flush()
        if self._wake.is_set():  # came in while an earlier commit was on its way
            return None
        reasons = [
            {"node": node, "iteration": iteration, "reason": waiting.reason, "until": waiting.until.isoformat() if waiting.until else None}
            | ({"key": waiting.key} if waiting.key else {})
            | ({"note": waiting.note} if waiting.note else {})
            for (node, iteration), waiting in self.state.waiting.items()
        ]
        data = {"wake_at": wake_at.isoformat() if wake_at else None, "reasons": reasons}
        self.recorder.emit(EventType.RUN_WAITING, None, data)
        await self.recorder.flush()
        if self._inbox or self._is_cancelled:  # came in while the commit was on its way: ring again at once
            wake_at = self.deps.clock.now()
        return Outcome("waiting", wake_at=wake_at)

    async def _release(self) -> Outcome:
        await self._stop_tasks()
        self._take_finished()
        self._report()
        await self.recorder.flush()
        return Outcome("released")

    async def _finish(self) -> Outcome:
        error, output = self.state.root.error, None
        if error is None:
            try:
                output = self.steps.final_output()
                check_value(output)
            except NodeFailed as failure:
                error = error_value(failure, None)
        await self._stop_tasks()  # a call that was stopped still tells what it had said and used
        if error is not None:
            self.recorder.end(EventType.RUN_FAILED, {"error": error})
        else:
            self.recorder.end(EventType.RUN_SUCCEEDED, {"output": output})
        await self.recorder.flush()
        return _outcome(self.state.ended)

    async def _abort(self, last: EventType, data: JsonObject, reason: str) -> Outcome:
        await self._stop_tasks()
        self._take_finished()
        for place in list(self.state.live()):
            self.recorder.emit(EventType.NODE_CANCELLED, place, {"reason": reason})
        self.state.unreported.clear()
        self.recorder.end(last, data)
        await self.recorder.flush()
        return _outcome(self.state.ended)

    async def _stop_tasks(self) -> None:
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, stuck = await asyncio.wait(tasks, timeout=STOP_GRACE_S)
            if stuck:
                log.warning("run %s: %d nodes did not stop when cancelled and were left behind", self.deps.run_id, len(stuck))


def _outcome(event: JournalEvent | None) -> Outcome:
    if event is None:
        raise RuntimeError("the run has not ended")
    if event.type is EventType.RUN_SUCCEEDED:
        return Outcome("succeeded", output=event.data.get("output"))
    if event.type is EventType.RUN_FAILED:
        return Outcome("failed", error=event.data.get("error"))
    return Outcome("cancelled")
