"""The names a template sees at one place of a run: inputs, vars, item, now and what stands upstream; values never depend on timing."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.expressions import moments
from engine.json import JsonObject, JsonValue
from engine.run.flow import levels
from engine.run.frames import Frame, NodeStatus, Style
from engine.run.state import RunState

END = -1  # a slot after the last node of a frame
LOCAL = ("item", "index", "loop", "error")  # names that mean something inside containers only
_MISSING = object()


class Scope(Mapping[str, Any]):
    """Looks names up in the state on demand. Only upstream nodes count, so the values do not depend on timing.

    `moment` is when the step began, for `now` and `today`: the same in all its fields, whichever worker writes them out.
    """

    __slots__ = ("_frame", "_given", "_moment", "_slot", "_state")

    def __init__(self, state: RunState, frame: Frame, slot: int, moment: datetime, given: Mapping[str, JsonValue] | None = None) -> None:
        self._given = given
        self._state = state
        self._frame = frame
        self._slot = slot
        self._moment = moment

    def __getitem__(self, name: str) -> Any:
        """One name's value; KeyError when there is no such name here."""
        if name == "inputs":
            return self._inputs()
        if name == "vars":
            return self._vars()
        if name in LOCAL:
            value = self._local(name)
            if value is not _MISSING:
                return value
        if name in moments.NAMES and name not in self._state.plan.nodes:  # older workflows may hold a step called today
            return moments.moments(self._moment)[name]
        return self._output(name)

    def __iter__(self) -> Iterator[str]:
        """Every name that has a value here."""
        yield "inputs"
        yield "vars"
        for name in moments.NAMES:
            if name not in self._state.plan.nodes:
                yield name
        for name in LOCAL:
            if self._local(name) is not _MISSING:
                yield name
        for frame, slot in levels(self._frame, self._slot):
            for node in frame.scope.nodes:
                if _is_visible(frame, slot, node.slot):
                    yield node.id

    def __len__(self) -> int:
        """How many names there are."""
        return sum(1 for _ in self)

    def _local(self, name: str) -> Any:
        """What the nearest container that knows the name says."""
        if self._given is not None and name in self._given:
            return self._given[name]
        frame = self._frame
        while frame.group is not None:
            value = _given_by(frame, name)
            if value is not _MISSING:
                return value
            frame = frame.group.frame
        return _MISSING

    def _inputs(self) -> JsonValue:
        root = self._state.root
        for slot in root.scope.entries:
            if root.scope.nodes[slot].kind.is_entry and root.status[slot] is NodeStatus.DONE:
                return root.outputs[slot]
        return self._state.inputs

    def _output(self, name: str) -> JsonValue:
        planned = self._state.plan.nodes.get(name)
        if planned is not None:
            for frame, slot in levels(self._frame, self._slot):
                if frame.scope is planned.scope:
                    if _is_visible(frame, slot, planned.slot):
                        return frame.outputs[planned.slot]
                    break
        raise KeyError(name)

    def _vars(self) -> JsonObject:
        values: JsonObject = {}
        for frame, slot in reversed(list(levels(self._frame, self._slot))):
            for setter in frame.scope.setters:
                output = frame.outputs[setter]
                if isinstance(output, dict) and _is_visible(frame, slot, setter):
                    values.update(output)
        return values


def _given_by(frame: Frame, name: str) -> Any:
    group = frame.group
    if group is None:
        return _MISSING
    if group.style is Style.LIST:
        return group.items[frame.index] if name == "item" else frame.index if name == "index" else _MISSING
    if group.style is Style.LOOP and name == "loop":
        return {"index": frame.index, "previous": group.values[-1]}
    return frame.error if name == "error" and frame.undo is not None else _MISSING


def _is_visible(frame: Frame, slot: int, other: int) -> bool:
    return frame.ports[other] is not None and (slot == END or bool(frame.scope.ancestors(slot) >> other & 1))
