"""What a fork kept of entries whose turn has not come: a container opens few entries at once, and kept results wait for theirs."""

from collections.abc import Container, Mapping, Sequence

from engine.run.events import JournalEvent
from engine.run.frames import Group, Key
from engine.run.plan import Plan

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
        above, _, index = event.iteration.rpartition("/")
        group = groups.get((container.id, above))
        around = container.scope.container
        is_to_come = int(index) >= group.opened if group is not None else around is not None and (around.id, above) not in frames
        if is_to_come:
            self._events.setdefault((container.id, event.iteration), []).append(event)
        return is_to_come

    def release(self, frame: FrameKey) -> Sequence[JournalEvent]:
        """Hand out what waited for the frame."""
        return self._events.pop(frame, ()) if self._events else ()
