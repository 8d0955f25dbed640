"""The names a template sees at one place of a run: inputs, vars, item, index and what stands upstream; values never depend on timing."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.json import JsonObject, JsonValue
from engine.ports import Clock
from engine.run.frames import Frame, NodeStatus
from engine.run.state import RunState

END = -1  # a slot after the last node of a frame


class Scope(Mapping[str, Any]):
    """Looks names up in the state on demand. Only upstream nodes count, so the values do not depend on timing; `now` is the run's clock."""

    __slots__ = ("_clock", "_frame", "_slot", "_state")

    def __init__(self, state: RunState, frame: Frame, slot: int, clock: Clock) -> None:
        self._state = state
        self._frame = frame
        self._slot = slot
        self._clock = clock

    def __getitem__(self, name: str) -> Any:
        """One name's value; KeyError when there is no such name here."""
        if name == "inputs":
            return self._inputs()
        if name == "vars":
            return self._vars()
        group = self._frame.group
        if group is not None and name == "item":
            return group.items[self._frame.index]
        if group is not None and name == "index":
            return self._frame.index
        if name == "now":
            return self._clock.now().isoformat()
        return self._output(name)

    def __iter__(self) -> Iterator[str]:
        """Every name that has a value here."""
        yield "inputs"
        yield "vars"
        yield "now"
        if self._frame.group is not None:
            yield "item"
            yield "index"
        for frame, slot in self._levels():
            for node in frame.scope.nodes:
                if _is_visible(frame, slot, node.slot):
                    yield node.id

    def __len__(self) -> int:
        """How many names there are."""
        return sum(1 for _ in self)

    def _levels(self) -> Iterator[tuple[Frame, int]]:
        """This frame and the ones around it, with the place where each is entered."""
        frame, slot = self._frame, self._slot
        yield frame, slot
        while frame.group is not None:
            frame, slot = frame.group.frame, frame.group.slot
            yield frame, slot

    def _inputs(self) -> JsonValue:
        root = self._state.root
        for slot in root.scope.entries:
            if root.scope.nodes[slot].kind.is_entry and root.status[slot] is NodeStatus.DONE:
                return root.outputs[slot]
        return self._state.inputs

    def _output(self, name: str) -> JsonValue:
        planned = self._state.plan.nodes.get(name)
        if planned is not None:
            for frame, slot in self._levels():
                if frame.scope is planned.scope:
                    if _is_visible(frame, slot, planned.slot):
                        return frame.outputs[planned.slot]
                    break
        raise KeyError(name)

    def _vars(self) -> JsonObject:
        values: JsonObject = {}
        for frame, slot in reversed(list(self._levels())):
            for setter in frame.scope.setters:
                output = frame.outputs[setter]
                if isinstance(output, dict) and _is_visible(frame, slot, setter):
                    values.update(output)
        return values


def _is_visible(frame: Frame, slot: int, other: int) -> bool:
    return frame.ports[other] is not None and (slot == END or bool(frame.scope.ancestors(slot) >> other & 1))
