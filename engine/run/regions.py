"""How containers move on: passes open and close, failures stop and undo, regions are left early. Part of RunState."""

from typing import Any

from engine.json import JsonObject, JsonValue
from engine.run.flow import COLLECTING, DONE, PENDING, RUNNING, SKIPPED, Flow, levels
from engine.run.frames import CUT_OFF, Frame, Group, Place, Style

ITEM_FAILED, RUN_FAILED, LEFT, RUN_ENDED, EXPIRED = "item_failed", "run_failed", "left", "run_ended", "expired"


class Regions(Flow):
    """Frames inside frames. A frame that ends early is halted: what is live in it is cancelled, then its finished steps are undone."""

    # -- opening passes

    def _open_group(self, place: Place, data: JsonObject) -> None:
        group = self.groups[place.key] = Group(place.frame, place.slot, data)
        self._open_more(group)

    def _open_more(self, group: Group) -> None:
        if group.is_opening:
            return
        group.is_opening = True
        while group.may_open():
            group.opened += 1
            self._open_pass(group, group.opened - 1)
        group.is_opening = False
        if group.busy == 0 and (group.is_closing or group.opened >= len(group.items)):
            self._collect(group)
        self._tell_parked(group)

    def _open_pass(self, group: Group, index: int, tries: int = 1) -> None:
        container = group.place.node
        if container.body is None:
            raise RuntimeError(f"'{container.id}' is not a container")
        frame = Frame(container.body, group.iteration(index, tries), group, index, tries)
        if group.style is Style.LOOP:
            group.frames = [frame]
        elif index < len(group.frames):
            group.frames[index] = frame
        else:
            group.frames.append(frame)
        self.frames[container.id, frame.iteration] = frame
        group.busy += 1
        group.active += 1
        self._open(frame)
        if frame.is_over:  # nothing can run in it
            self._count_out(frame, group)
            self._account(frame, group)
        for event in self.early.release((container.id, frame.iteration)):
            self.apply(event)

    def _open_next(self, place: Place, group: Group, previous: JsonValue) -> None:
        """The next pass of a loop; the one before is not needed any more."""
        for frame in group.frames:
            self.frames.pop((place.node.id, frame.iteration), None)
        if group.opened:
            group.values.append(previous)
        place.frame.status[place.slot] = RUNNING
        group.opened += 1
        self._open_pass(group, group.opened - 1)
        if group.busy == 0:
            self._collect(group)

    # -- passes that are over

    def _frame_over(self, frame: Frame) -> None:
        group = frame.group
        if group is None:
            return
        self._count_out(frame, group)
        if group.is_dropped:
            if group.busy == 0:
                self._gone(group)
            return
        if not group.is_closing:
            self._account(frame, group)
        self._open_more(group)

    def _count_out(self, frame: Frame, group: Group) -> None:
        for slot in frame.scope.dormant:
            if frame.status[slot] is PENDING:
                place = Place(frame, slot)
                frame.status[slot] = SKIPPED
                self.unreported[place.key] = place
        group.busy -= 1
        if not frame.parked:
            group.active -= 1

    def _account(self, frame: Frame, group: Group) -> None:
        """What a finished pass means for the others."""
        if frame.error is None:
            group.succeeded += 1
            if group.enough is not None and group.succeeded >= group.enough:
                self._close(group, cancel=group.cancels)
        elif frame.tries < group.tries:
            self.frames.pop((group.place.node.id, frame.iteration), None)
            self._open_pass(group, frame.index, frame.tries + 1)
        elif group.stop_on_error:
            self._close(group, cancel=True)

    def _close(self, group: Group, *, cancel: bool) -> None:
        """Open no further pass, and stop those that are open if they are not wanted."""
        group.is_closing = True
        self.deadlines.pop(group.place.key, None)
        for other in list(group.frames) if cancel else ():
            if not other.is_over and not other.is_halted:
                self._halt(other, CUT_OFF, ITEM_FAILED)

    def _collect(self, group: Group) -> None:
        place = group.place
        if place.status is RUNNING:
            group.frame.status[group.slot] = COLLECTING
            self.ready.append(place)

    def _park_or_wake(self, frame: Frame, group: Group) -> None:
        is_parked = frame.people == frame.live > 0
        if is_parked != frame.parked and not frame.is_over:
            frame.parked = is_parked
            group.active += -1 if is_parked else 1
            if is_parked:
                self._open_more(group)
            else:
                self._tell_parked(group)

    def _tell_parked(self, group: Group) -> None:
        """A container all of whose passes wait for people waits for people itself."""
        is_parked = group.busy > 0 and group.active == 0 and not group.may_open() and not group.is_dropped
        if is_parked != group.is_parked:
            group.is_parked = is_parked
            around = group.frame
            around.people += 1 if is_parked else -1
            if around.group is not None:
                self._park_or_wake(around, around.group)

    # -- ending early

    def _fail_frame(self, frame: Frame, error: JsonObject) -> None:
        """A node failed for good: its frame ends, and the container decides what that means for the other passes."""
        group = frame.group
        stops_all = group is not None and group.stop_on_error and frame.tries >= group.tries
        if group is not None and stops_all:
            group.is_closing = True
        self._halt(frame, error, RUN_FAILED if group is None else ITEM_FAILED)
        if group is not None and stops_all:
            self._close(group, cancel=True)

    def _expire(self, place: Place, data: JsonObject) -> None:
        """The container's time is over."""
        group = self.groups.get(place.key)
        if group is None or group.is_closing or group.is_dropped or (place.status is COLLECTING and group.style is not Style.LOOP):
            return
        group.error = data["error"]
        group.is_closing = True
        self.deadlines.pop(place.key, None)
        for frame in list(group.frames):
            if not frame.is_over and not frame.is_halted:
                self._halt(frame, group.error, EXPIRED)
        if group.busy == 0:
            self._collect(group)

    def _halt(self, frame: Frame, error: JsonObject | None, cause: str) -> None:
        """Cancel what is live in a frame and in the containers it runs; then undo what there is to undo."""
        frame.is_halted = True
        frame.cause = cause
        if frame.error is None:
            frame.error = error
        frame.lingering += 1
        for slot, status in enumerate(frame.status):
            if status < DONE and slot not in frame.scope.dormant:
                self._withdraw(Place(frame, slot), quietly=True)
        self._let_go(frame)

    def _drop(self, group: Group, cause: str) -> None:
        """The container was cancelled; its frame lingers until everything inside is undone."""
        around = group.frame
        around.lingering += 1
        group.is_dropped = True
        if group.is_parked:
            around.people -= 1
            group.is_parked = False
        group.busy += 1
        for frame in list(group.frames):
            if not frame.is_over and not frame.is_halted:
                self._halt(frame, CUT_OFF, cause)
        group.busy -= 1
        if group.busy == 0:
            self._gone(group)

    def _gone(self, group: Group) -> None:
        self._forget(group.place.key)
        self._let_go(group.frame)

    def _let_go(self, frame: Frame) -> None:
        """One thing less keeps the frame from being over."""
        frame.lingering -= 1
        if frame.lingering:
            return
        if frame.is_halted and frame.undo is None:
            frame.undo = [frame.scope.undo[slot] for slot in frame.finished or ()]
            self._undo_next(frame)
        elif frame.unfinished == 0 and frame.undo is None:
            self._frame_over(frame)

    def _undo_next(self, frame: Frame) -> None:
        """Start the undo step of what finished last; one at a time."""
        if frame.undo:
            slot = frame.undo.pop()
            frame.undone.append(slot)
            self._admit(frame, slot)
        else:
            frame.undo = None
            self._frame_over(frame)

    # -- what a finished node may do besides

    def _finish_with(self, place: Place, then: JsonObject, port: str, output: JsonValue) -> None:
        """Add entries to the list around it, stop other nodes (never itself or what holds it), leave the container or the run."""
        around = frames_around(place.frame)
        kept = [place, *(frame.group.place for frame in around if frame.group is not None)]
        is_undoing = any(frame.undo is not None for frame in around)
        leaves = None if is_undoing else then.get("leave")
        if then.get("add"):
            self._add_entries(around, then["add"])
        for name in then.get("stop") or ():
            target = self.place_from(place, name)
            if target is not None and target.status < DONE and target not in kept:
                self._stop(target.frame, [target.slot])
        if leaves == "run":
            self.last_word = place
            self._leave(place, port, output, frozenset(Style))
        elif leaves == "container" and any(frame.group is not None and frame.group.style is not Style.REGION for frame in around):
            self._leave(place, port, output, frozenset({Style.REGION}))
        else:
            self._settle(place, DONE, port, output)

    def _add_entries(self, around: list[Frame], values: list[Any]) -> None:
        group = next((frame.group for frame in around if frame.group is not None and frame.group.style is Style.LIST), None)
        if group is not None and not group.is_closing:
            group.items.extend(values)
            self._open_more(group)

    def _leave(self, place: Place, port: str, output: JsonValue, through: frozenset[Style]) -> None:
        """Settle the node, and end the frames around it as if they had come to their end, up to one that is not of these styles."""
        self._mark(place, DONE, port, output)
        frame, held = place.frame, [place.frame]
        frame.finished = None  # it ends well, so nothing in it is undone
        frame.lingering += 1
        while frame.group is not None and frame.group.style in through:
            group = frame.group
            frame = group.frame
            held.append(frame)
            frame.finished = None
            frame.lingering += 1
            self._mark_left(group, output)
        if frame.group is not None:
            frame.group.has_left = frame.group.is_closing = True
        self._halt(frame, None, RUN_ENDED if frame.group is None else LEFT)
        for inner in held:
            self._let_go(inner)
        if frame.group is not None:
            self._close(frame.group, cancel=True)
            if frame.group.busy == 0:
                self._collect(frame.group)

    def _mark_left(self, group: Group, output: JsonValue) -> None:
        """The container counts as done with this output, while what is live in it is cancelled."""
        around, slot = place = group.place
        around.status[slot] = DONE
        around.outputs[slot] = output
        around.ports[slot] = "out"
        around.live -= 1
        around.unfinished -= 1
        self.running.pop(place.key, None)
        self.unreported[place.key] = place
        if self.locks:
            self._unlock(place)
        self._drop(group, LEFT)


def frames_around(frame: Frame) -> list[Frame]:
    """The frame and all frames it is in, innermost first."""
    return [inner for inner, _ in levels(frame, 0)]
