"""One step of a run from resolved inputs to journal event: the driver decides when, this decides what is written."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from engine.errors import Held, LimitExceeded, NodeFailed, Permanent, Transient
from engine.json import JsonObject, JsonValue
from engine.nodes.base import MAX_ITEMS, Effect, ItemResult, Items, NodeConfig, NodeResult, Passes, Region, Then, Wait
from engine.nodes.workflow import CHILD
from engine.run.context import ItemRun, NodeRun
from engine.run.deps import Deps
from engine.run.dry import dry_wait
from engine.run.events import EventType
from engine.run.frames import Frame, Group, Key, NodeStatus, Place, Style, Waiting
from engine.run.plan import PlanNode
from engine.run.policy import error_value, retry_delay, spent
from engine.run.recorder import Recorder
from engine.run.regions import frames_around
from engine.run.resolve import Resolver, read_given
from engine.run.scope import Scope
from engine.run.state import RunState
from engine.run.undo_facts import out_of_time, undo_facts, with_undo
from engine.run.values import check_value
from engine.spec.setup import place_key

log = logging.getLogger(__name__)
Timer = tuple[datetime, Key]
Produced = NodeResult | Wait | Items | Passes | Region


@dataclass(slots=True)
class Attempt:
    """A node that is about to run or runs, as a task or in place. `inputs` is None once NODE_STARTED holds them."""

    place: Place
    number: int
    began_at: datetime
    began: float
    config: NodeConfig
    inputs: JsonObject | None
    needs_intent: bool = False
    is_repeat: bool = False  # something of an earlier attempt may have been streamed
    source: str = ""  # pinned | stubbed: the step is not really run


class Steps:
    """Begins, executes and settles attempts, and turns whatever they give into events."""

    def __init__(self, state: RunState, recorder: Recorder, deps: Deps) -> None:
        self.state = state
        self.recorder = recorder
        self.deps = deps
        self.setup = state.plan.setup

    # -- as a task

    def begin(self, place: Place) -> Attempt | Timer | None:
        """Resolve the inputs and write NODE_STARTED, or settle the failure of that. An interrupted node starts again silently."""
        attempt = self._open(place)
        try:
            config, inputs = self._resolve(place, self._moment(attempt))
        except NodeFailed as error:
            return self._failed(attempt, error)
        node = place.node
        is_fresh = place.status is not NodeStatus.RUNNING
        if is_fresh:
            self.recorder.emit(EventType.NODE_STARTED, place, {"attempt": attempt.number, "inputs": inputs}, at=attempt.began_at)
        attempt.config = config
        attempt.needs_intent = is_fresh and node.effect is not Effect.PURE
        attempt.is_repeat = not is_fresh or attempt.number > 1
        return attempt

    async def execute(self, attempt: Attempt) -> Produced:
        """Run the node within its time."""
        node = attempt.place.node
        moment = self._moment(attempt)
        context = NodeRun(self.state, self.recorder, self.deps, attempt.place, attempt=attempt.number, moment=moment)
        if attempt.is_repeat and self.deps.live.is_watched:
            self.deps.live.emit("reset", *attempt.place.key, {})
        limit = node.spec.timeout_s
        if limit is None:
            return await node.kind.run(context, attempt.config)
        timer = asyncio.timeout(limit)
        try:
            async with timer:
                return await node.kind.run(context, attempt.config)
        except TimeoutError as error:
            if not timer.expired():
                raise
            raise Transient("timeout", f"The step took longer than its limit of {limit:g} seconds.") from error

    def finish(self, attempt: Attempt, produced: Produced) -> Timer | None:
        """Journal what the node gave."""
        try:
            return self._produced(attempt, produced)
        except NodeFailed as error:
            return self._failed(attempt, error)

    def fail(self, attempt: Attempt, error: BaseException) -> Timer | None:
        """Journal a failure; one that no kind foresaw is logged with its traceback and told to people without it."""
        if isinstance(error, Held):
            return self.hold(attempt.place, error)
        if not isinstance(error, NodeFailed):
            log.error("node %s of run %s failed unexpectedly", attempt.place.key, self.deps.run_id, exc_info=error)
            error = Permanent("internal_error", "The step failed because of a fault in the program, not in your workflow.")
        return self._failed(attempt, error)

    # -- in place

    def run_now(self, place: Place) -> Timer | None:
        """Run an immediate node to its end without a task."""
        attempt = self._open(place)
        try:
            config, inputs = self._resolve(place, attempt.began_at)
            attempt.config, attempt.inputs = config, inputs
            context = NodeRun(self.state, self.recorder, self.deps, place, attempt=attempt.number, moment=attempt.began_at)
            return self._produced(attempt, _at_once(place.node, place.node.kind.run(context, config)))
        except NodeFailed as error:
            return self._failed(attempt, error)
        except Exception as error:  # noqa: BLE001 - a faulty kind must fail its step, not the worker
            return self.fail(attempt, error)

    # -- containers

    def collect(self, place: Place) -> None:
        """Whatever was open in a container is through: begin the next pass of a loop, or finish."""
        attempt = self._open(place)
        group = self.state.groups[place.key]
        try:
            config, _ = self._resolve(place, attempt.began_at)
            if group.error is not None:
                produced = out_of_time(group)
            elif group.style is Style.LOOP:
                produced = self._after_pass(place, config, group)
            else:
                results = [self._item_result(place, config, frame, group.items[frame.index]) for frame in group.frames]
                produced = place.node.kind.collect(config, results)
            if produced is not None:
                self._produced(attempt, with_undo(produced, group))
        except NodeFailed as error:
            error.details.update(undo_facts(group))
            self._failed(attempt, error)

    def _after_pass(self, place: Place, config: NodeConfig, group: Group) -> NodeResult | None:
        """How a loop ends, or None when its next pass has begun."""
        kind = place.node.kind
        results = [ItemResult(index, None, value) for index, value in enumerate(group.values[1:])]
        frame = group.frames[-1] if group.frames else None
        if frame is not None:
            results.append(self._item_result(place, config, frame, None))
        if group.has_left or (results and results[-1].error is not None):
            return kind.collect(config, results)
        previous = results[-1].value if results else group.values[0]
        check_value(previous)
        context = ItemRun(self.state, self.recorder, self.deps, place, frame, given={"loop": {"index": len(results), "previous": previous}})
        produced = kind.next_pass(context, config, results)
        if produced is None:
            self.recorder.emit(EventType.NODE_ITERATED, place, {"index": len(results), "previous": previous})
        return produced

    def _item_result(self, place: Place, config: NodeConfig, frame: Frame, item: JsonValue) -> ItemResult:
        error = frame.error
        if error is None:
            try:
                context = ItemRun(self.state, self.recorder, self.deps, place, frame)
                return ItemResult(frame.index, item, place.node.kind.item_value(context, config))
            except NodeFailed as failure:
                error = error_value(failure, place.node.id, place.node.kind)
        at = next((node.name for node in frame.scope.nodes if node.id == error.get("node")), "")
        return ItemResult(frame.index, item, error=error, at=at)

    def expire(self, key: Key) -> None:
        """The time of a container is over."""
        place = self.state.place(*key)
        if place is not None:
            message = f"“{place.node.name}” took longer than its time limit."
            self.recorder.emit(EventType.NODE_EXPIRED, place, {"error": {"code": "timeout", "message": message, "node": place.node.id}})

    # -- waiting

    def wake(self, key: Key, waiting: Waiting) -> None:
        """The time of a waiting node has come."""
        goes_on = waiting.reason in ("retry", "reserved", "rate_limit", "breaker")
        data: JsonObject = {"reason": waiting.reason, "decision": {}} if goes_on else {"reason": "expired", "decision": {"expired": True}}
        self.recorder.emit(EventType.NODE_RESUMED, self.state.place(*key), data)

    def hold(self, place: Place, held: Held) -> Timer | None:
        """The step waits for leave to go on. However many wait for a budget, one of them asks."""
        until = held.until
        asks = held.reason == "budget" and not any(other.asks for other in self.state.waiting.values())
        request = {**held.request, "note": held.message} | ({"asks": True} if asks else {})
        data: JsonObject = {"reason": held.reason, "until": until.isoformat() if until else None, "request": request}
        self.recorder.emit(EventType.NODE_WAITING, place, data | {"attempt": self.state.attempt(place.key)})
        return None if until is None else (until, place.key)

    def park_unknown(self, place: Place) -> bool:
        """After a crash: ask a person about a call that may or may not have happened. False when the node is safe to repeat."""
        if place.node.effect is not Effect.EFFECT:
            return False
        message = "The worker stopped while this step was calling out. It may or may not have happened; check before you decide."
        if self.setup.unknown == "fail":
            self._failed(self._open(place), Permanent("unknown_effect", message))
            return True
        data = {"reason": "unknown_effect", "until": None, "request": {"message": message, "actions": ["repeat", "done", "fail"]}}
        self.recorder.emit(EventType.NODE_WAITING, place, data | {"attempt": self.state.attempt(place.key)})
        return True

    def answered(self, place: Place) -> bool:
        """Settle a step that need not run: its output is pinned, its effect stubbed, or a person has said how it ended."""
        if self.setup.pins or self.setup.is_dry:
            pin = self.setup.pins.get(place.node.id)
            if pin is not None:
                attempt = self._open(place)
                attempt.source = "pinned"
                self.finish(attempt, NodeResult(pin.output, pin.port))
                return True
            if self.setup.is_dry and place.node.effect is Effect.EFFECT:
                self._stub(place)
                return True
        reason, decision = self.state.decisions.get(place.key, ("", {}))
        if reason != "unknown_effect" or decision.get("action") == "repeat":
            return False
        attempt = self._open(place)
        if decision.get("action") == "done":
            self.finish(attempt, NodeResult(decision.get("value"), decision.get("port") or "out"))
        else:
            message = "A person decided that this step failed after the worker had stopped in the middle of it."
            self._failed(attempt, Permanent("unknown_effect", message))
        return True

    def _stub(self, place: Place) -> None:
        """Write down what would have been done, and an example of what it would have given."""
        attempt = self._open(place)
        try:
            attempt.config, attempt.inputs = self._resolve(place, attempt.began_at)
        except NodeFailed as error:
            self._failed(attempt, error)
        else:
            self.finish(attempt, self._stand_in(attempt))

    def _stand_in(self, attempt: Attempt) -> NodeResult:
        attempt.source = "stubbed"
        now = self.deps.clock.now()
        return attempt.place.node.kind.stub(attempt.config, agents=self.state.plan.agents, now=now)

    # -- the end

    def final_output(self) -> JsonValue:
        """What the end gave that ended the run at once; else what the end nodes, or without any the last nodes, gave, several by node."""
        root = self.state.root
        if self.state.last_word is not None:
            frame, slot = self.state.last_word
            return frame.outputs[slot]
        last = [node for node in root.scope.nodes if node.kind.is_exit and root.ports[node.slot] is not None] or root.last_nodes()
        if len(last) == 1:
            return root.outputs[last[0].slot]
        return {node.id: root.outputs[node.slot] for node in last} or None

    def _open(self, place: Place) -> Attempt:
        clock = self.deps.clock
        return Attempt(place, self.state.attempt(place.key), clock.now(), clock.monotonic(), place.node.config, None)

    def _moment(self, attempt: Attempt) -> datetime:
        """What `now` is: another worker that takes the attempt up goes on with the same."""
        known = self.state.began.get(attempt.place.key) if attempt.place.status is NodeStatus.RUNNING else None
        return known or attempt.began_at

    def _resolve(self, place: Place, moment: datetime) -> tuple[NodeConfig, JsonObject]:
        node = place.node
        given = self.setup.given.get(place_key(*place.key)) if self.setup.given else None
        if given is not None:
            return read_given(node.kind, given), given
        resolver = node.resolver
        if resolver is None:
            resolver = node.resolver = Resolver(node.config)
        if not resolver.fields:
            return resolver.config, resolver.inputs
        config, inputs = resolver.resolve(Scope(self.state, place.frame, place.slot, moment))
        check_value(inputs, what="input")
        return config, inputs

    def _data(self, attempt: Attempt) -> JsonObject:
        data: JsonObject = {
            "attempt": attempt.number,
            "started_at": attempt.began_at.isoformat(),
            "ms": round((self.deps.clock.monotonic() - attempt.began) * 1000, 3),
        }
        if attempt.inputs is not None:
            data["inputs"] = attempt.inputs
        if attempt.source:
            data["source"] = attempt.source
        return data

    def _produced(self, attempt: Attempt, produced: Produced) -> Timer | None:
        if isinstance(produced, Wait) and self.setup.is_dry:
            produced = dry_wait(self.setup, attempt.place.node.id, produced, lambda: self._stand_in(attempt))
        if isinstance(produced, NodeResult):
            check_value(produced.output)
            then = produced.then
            if self.setup.is_dry and then is not None and then.signal:  # another run would go on
                attempt.source, then = "stubbed", replace(then, signal="")
            data = self._data(attempt) | {"output": produced.output, "port": produced.port}
            data |= {"usage": asdict(produced.usage)} if produced.usage.calls else {}
            if then is not None:
                data["then"] = self._checked(attempt.place, then).as_json()
            self.recorder.emit(EventType.NODE_FINISHED, attempt.place, data)
            return None
        if isinstance(produced, Wait):
            return self._waits(attempt, produced)
        return self._contains(attempt, produced)

    def _contains(self, attempt: Attempt, produced: Items | Passes | Region) -> Timer | None:
        """A container begins: what its passes need to know is written down with it."""
        inputs = attempt.inputs or {}
        data: JsonObject = {"attempt": attempt.number}
        limit = attempt.place.node.spec.timeout_s
        if isinstance(produced, Items):
            inputs = {**inputs, "items": produced.values}
            data |= {"parallel": produced.parallel, "stop_on_error": produced.stop_on_error}
            if produced.enough is not None:
                data |= {"enough": produced.enough, "others": "cancel" if produced.cancels else "finish"}
            if produced.tries > 1:
                data["tries"] = produced.tries
        elif isinstance(produced, Passes):
            check_value(produced.first)
            data |= {"style": Style.LOOP.value, "previous": produced.first}
        else:
            data["style"] = Style.REGION.value
            if produced.limit_s is not None and (limit is None or produced.limit_s <= limit):
                limit, data["way"] = produced.limit_s, produced.way
        check_value(inputs, what="input")
        data["inputs"] = inputs
        until = None if limit is None else attempt.began_at + timedelta(seconds=limit)
        if until is not None:
            data["until"] = until.isoformat()
        self.recorder.emit(EventType.NODE_STARTED, attempt.place, data)
        return None if until is None else (until, attempt.place.key)

    def _waits(self, attempt: Attempt, wait: Wait) -> Timer | None:
        until = wait.until
        limit = attempt.place.node.spec.timeout_s
        if wait.reason == CHILD and limit is not None:
            until = self.deps.clock.now() + timedelta(seconds=limit)
        data: JsonObject = {"reason": wait.reason, "until": until.isoformat() if until else None, "request": wait.request}
        data["attempt"] = attempt.number
        data |= {} if attempt.inputs is None else {"inputs": attempt.inputs}
        self.recorder.emit(EventType.NODE_WAITING, attempt.place, data)
        return None if until is None else (until, attempt.place.key)

    def _checked(self, place: Place, then: Then) -> Then:
        """What the node wants to do besides, if it can be done here."""
        around = [frame.group for frame in frames_around(place.frame) if frame.group is not None]
        if then.leave == "container" and all(group.style is Style.REGION for group in around):
            raise Permanent("nothing_to_leave", "There is no list or loop around this step that it could leave.")
        if then.add:
            group = next((group for group in around if group.style is Style.LIST), None)
            if group is None:
                raise Permanent("no_list", "There is no list around this step to which entries could be added.")
            if len(group.items) + len(then.add) > MAX_ITEMS:
                raise LimitExceeded("too_many_items", f"The list would have more than {MAX_ITEMS:,} entries.")
            check_value(list(then.add))
        return then

    def _failed(self, attempt: Attempt, error: NodeFailed) -> Timer | None:
        place = attempt.place
        spec = place.node.spec
        data = self._data(attempt)
        data["error"] = value = error_value(error, place.node.id, place.node.kind)
        has_policy = place.node.kind.can_fail
        delay = retry_delay(spec.retry, error, attempt.number, self.deps.rng) if has_policy and place.node.body is None else None
        if delay is not None:
            due = self.deps.clock.now() + timedelta(seconds=delay)
            data["retry_at"] = due.isoformat()
            self.recorder.emit(EventType.NODE_FAILED, place, data)
            if delay > self.deps.park_after_s:
                wait: JsonObject = {"reason": "retry", "until": due.isoformat(), "request": {}, "attempt": attempt.number + 1}
                self.recorder.emit(EventType.NODE_WAITING, place, wait)
            return due, place.key
        data["handled"] = spec.on_error.action if has_policy else "fail"
        usage = spent(self.state.facts.get(place.key, {}))
        if usage.calls:
            data["usage"] = asdict(usage)
        if data["handled"] != "fail":
            data["output"] = value if data["handled"] == "branch" else spec.on_error.default
        self.recorder.emit(EventType.NODE_FAILED, place, data)
        return None


def _at_once(node: PlanNode, running: Coroutine[Any, Any, Produced]) -> Produced:
    """Run a coroutine that never awaits."""
    try:
        running.send(None)
    except StopIteration as stop:
        return stop.value
    running.close()
    raise RuntimeError(f"node kind '{node.kind.kind}' says that it is immediate, but it awaits something")
