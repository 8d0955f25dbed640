"""How a container ends whose time is over, and what its error tells of the undo steps that ran."""

from dataclasses import replace

from engine.errors import Transient
from engine.json import JsonObject
from engine.nodes.base import NodeResult
from engine.run.frames import Group, NodeStatus


def out_of_time(group: Group) -> NodeResult:
    """It goes on at the way out for that, or fails."""
    error = group.error or {}
    if group.way is None:
        raise Transient(str(error.get("code")), str(error.get("message")))
    return NodeResult(error, group.way)


def undo_facts(group: Group) -> JsonObject:
    """Which undo steps of a region ran, in their order, and which of them failed."""
    facts: JsonObject = {}
    for frame in group.frames:
        scope = frame.scope
        if scope.dormant and (frame.is_halted or frame.error is not None):
            facts["undone"] = [scope.nodes[slot].id for slot in frame.undone if frame.status[slot] is NodeStatus.DONE]
            if frame.trouble:
                facts["not_undone"] = list(frame.trouble)
    return facts


def with_undo(result: NodeResult, group: Group) -> NodeResult:
    """A region that goes on elsewhere tells what was undone."""
    facts = undo_facts(group) if group.error is not None else {}
    return replace(result, output={**(group.error or {}), "details": facts}) if facts else result
