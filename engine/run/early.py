"""What a fork kept of entries whose turn has not come: a container opens few entries at once, and kept results wait for theirs."""

from collections.abc import Container, Mapping, Sequence

from engine.run.events import JournalEvent
from engine.run.frames import Group, Key, Style, around_iteration
from engine.run.plan import Plan, PlanNode

FrameKey = tuple[str, str]  # container id, iteration


class EarlyEvents:
    """Kept events by the frame they belong to."""

    __slots__ = ("_events", "_plan")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._events: dict[FrameKey, list[JournalEvent]] = {}

    def keep(self, event: JournalEvent, frames: Container[FrameKey], groups: Mapping[Key, Group]) -> bool:
        """Take the event if its frame is still to be opened."""
        planned = self._plan.nodes.get(event.node or "")
        container = planned.scope.container if planned is not None else None
        if container is None or (container.id, event.iteration) in frames:
            return False
        if not self._is_to_come(container, event.iteration, frames, groups):
            return False
        self._events.setdefault((container.id, event.iteration), []).append(event)
        return True

    def _is_to_come(self, container: PlanNode, iteration: str, frames: Container[FrameKey], groups: Mapping[Key, Group]) -> bool:
        """Whether the pass, or one around it, is still to be opened."""
        above = around_iteration(container, iteration)
        group = groups.get((container.id, above))
        if group is not None:
            return group.style is not Style.REGION and _is_later(group, iteration.rpartition("/")[2])
        around = container.scope.container
        return around is not None and (around.id, above) not in frames

    def release(self, frame: FrameKey) -> Sequence[JournalEvent]:
        """Hand out what waited for the frame."""
        return self._events.pop(frame, ()) if self._events else ()


def _is_later(group: Group, name: str) -> bool:
    """Whether the pass of this name comes after those that were opened."""
    index, _, tries = name.partition("~")
    if int(index) >= group.opened:
        return True
    return bool(tries) and group.style is Style.LIST and group.frames[int(index)].tries < int(tries)
