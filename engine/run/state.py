"""The pure state machine of a run: a fold of journal events, without clock or IO; the driver asks it what may start next."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from engine.json import JsonObject
from engine.run.events import EventType, JournalEvent
from engine.run.flow import COLLECTING, DONE, READY, RUNNING, WAITING
from engine.run.frames import HELD, NodeStatus, Place, Waiting
from engine.run.plan import Plan
from engine.run.regions import Regions

CANCELLED, FAILED = NodeStatus.CANCELLED, NodeStatus.FAILED
LONGEST_GAP_S = 600.0  # between two events; a clock that jumps must not end a run
TERMINAL = frozenset({EventType.RUN_SUCCEEDED, EventType.RUN_FAILED, EventType.RUN_CANCELLED})


class RunState(Regions):
    """Everything known about a run. `apply` takes one event; events about what is already settled change nothing.

    `ready` holds places to start (check `status` when popping, as a failure may have overtaken them); `unreported`
    the skipped and cancelled places which the journal does not name yet.
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.steps = 0
        self.active_s = 0.0
        self.ended: JournalEvent | None = None
        self.is_started = False
        self.most_steps = plan.limits.max_steps
        self.most_s = plan.limits.timeout_s
        self.model_instead = ""  # the model that a person chose for the rest of the run
        self._last_at: datetime | None = None
        self._handlers: dict[EventType, Callable[[JournalEvent], None]] = {
            EventType.RUN_STARTED: self._on_run_started,
            EventType.RUN_RESUMED: self._on_run_resumed,
            EventType.RUN_WAITING: self._on_run_waiting,
            EventType.RUN_SUCCEEDED: self._on_end,
            EventType.RUN_FAILED: self._on_end,
            EventType.RUN_CANCELLED: self._on_end,
            EventType.NODE_STARTED: self._on_started,
            EventType.NODE_FINISHED: self._on_finished,
            EventType.NODE_FAILED: self._on_failed,
            EventType.NODE_SKIPPED: self._on_skipped,
            EventType.NODE_CANCELLED: self._on_cancelled,
            EventType.NODE_WAITING: self._on_waiting,
            EventType.NODE_RESUMED: self._on_resumed,
            EventType.NODE_PROGRESS: self._on_progress,
            EventType.NODE_ITERATED: self._on_iterated,
            EventType.NODE_EXPIRED: self._on_expired,
        }

    @property
    def is_complete(self) -> bool:
        """Every node of the top level came to its end, or the run was ended before, and nothing is left to undo."""
        return self.root.is_over

    def apply(self, event: JournalEvent) -> None:
        """Take one event into account; what a fork kept of a pass whose turn has not come counts as soon as that is opened."""
        if not event.iteration or "source" not in event.data or not self.early.keep(event, self.frames, self.groups):
            self._handlers[event.type](event)

    def fold(self, events: Iterable[JournalEvent]) -> "RunState":
        """Apply a history in order, counting the time in which the run was at work."""
        for event in events:
            if self._last_at is not None and event.type is not EventType.RUN_RESUMED:
                self.active_s += min(LONGEST_GAP_S, max(0.0, (event.at - self._last_at).total_seconds()))
            self._last_at = event.at
            self.apply(event)
        startable = [place for place in self.ready if place.status in (READY, COLLECTING)]
        self.ready = deque(reversed(dict.fromkeys(reversed(startable))))  # whatever was resumed comes in the order of that
        return self

    # -- events of the run

    def _on_run_started(self, event: JournalEvent) -> None:
        if self.is_started:
            return
        self.is_started = True
        self.inputs = event.data.get("inputs") or {}
        self._open(self.root)

    def _on_run_waiting(self, _event: JournalEvent) -> None:
        self._last_at = None

    def _on_run_resumed(self, _event: JournalEvent) -> None:
        return

    def _on_end(self, event: JournalEvent) -> None:
        if self.ended is None:
            self.ended = event
            self.ready.clear()

    # -- events of a node

    def _find(self, event: JournalEvent) -> Place | None:
        place = self.place(event.node or "", event.iteration)
        return place if place is not None and place.status < DONE else None

    def _on_started(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is None or place.status is WAITING or place.status is COLLECTING:
            return
        key, data = place.key, event.data
        self._enter(place, RUNNING)
        self.running[key] = place
        self.attempts[key] = data.get("attempt", 1)
        self.began[key] = event.at
        if place.node.body is not None and key not in self.groups:
            if data.get("until"):
                self.deadlines[key] = datetime.fromisoformat(data["until"])
            self._open_group(place, data)

    def _on_finished(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            self.steps += 1
            data = event.data
            then = data.get("then")
            if then is None:
                self._settle(place, DONE, data["port"], data["output"])
            else:
                self._finish_with(place, then, data["port"], data["output"])

    def _on_failed(self, event: JournalEvent) -> None:
        place = self._find(event)
        data = event.data
        if place is None or data["attempt"] < self.attempts.get(place.key, 1):
            return
        self.steps += 1
        if data.get("retry_at"):
            self.attempts[place.key] = data["attempt"] + 1
            self._wait(place, Waiting("retry", datetime.fromisoformat(data["retry_at"])))
        elif data["handled"] == "fail":
            self._on_failed_for_good(place, data["error"])
        else:
            self._settle(place, FAILED, "error" if data["handled"] == "branch" else "out", data["output"])

    def _on_skipped(self, event: JournalEvent) -> None:
        """Mostly the report of what the state did itself; in the history of a single step it leaves out what that does not need."""
        if self.unreported.pop((event.node or "", event.iteration), None) is not None:
            return
        place = self._find(event)
        if place is None or place.status > READY:
            return
        frame, slot = place
        self._withdraw(place)
        del self.unreported[place.key]
        self._move_on(frame, slot, None)

    def _on_cancelled(self, event: JournalEvent) -> None:
        self.unreported.pop((event.node or "", event.iteration), None)
        place = self._find(event)
        if place is not None:
            self._settle(place, CANCELLED, None, None)

    def _on_waiting(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            until = event.data.get("until")
            self.attempts[place.key] = event.data.get("attempt", self.attempt(place.key))
            request = event.data.get("request") or {}
            key, note, reason = str(request.get("key") or ""), str(request.get("note") or ""), event.data["reason"]
            asks = reason == "budget" and bool(request.get("asks"))
            self._wait(place, Waiting(reason, datetime.fromisoformat(until) if until else None, key, note, asks))

    def _on_resumed(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is None or place.status is not WAITING:
            return
        waited = self.waiting[place.key]
        if event.data.get("reason") not in (waited.reason, "expired", None):
            return  # late news of an earlier wait, such as a child that ended after its time was up
        if waited.reason in HELD:
            self._take_leave(event.data.get("decision") or {})
        else:
            self.decisions[place.key] = (waited.reason, event.data.get("decision") or {})
        self._enter(place, READY)
        self.ready.append(place)

    def _take_leave(self, decision: JsonObject) -> None:
        """What a person allowed beyond the limits with which the run began."""
        self.most_steps = max(self.most_steps, int(decision.get("steps") or 0))
        self.most_s = max(self.most_s, float(decision.get("time_s") or 0))
        self.model_instead = str(decision.get("model") or self.model_instead)

    def _on_progress(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            self.facts.setdefault(place.key, {})[event.data["key"]] = event.data["fact"]

    def _on_failed_for_good(self, place: Place, error: JsonObject) -> None:
        if place.frame.undo is not None:
            place.frame.trouble.append(error)
            self._settle(place, FAILED, None, None)
        else:
            self._mark(place, FAILED, None, None)
            self._fail_frame(place.frame, error)

    def _on_iterated(self, event: JournalEvent) -> None:
        place = self._find(event)
        group = None if place is None else self.groups.get(place.key)
        if place is not None and group is not None and place.status is COLLECTING and event.data["index"] == group.opened:
            self._open_next(place, group, event.data.get("previous"))

    def _on_expired(self, event: JournalEvent) -> None:
        place = self._find(event)
        if place is not None:
            self._expire(place, event.data)
