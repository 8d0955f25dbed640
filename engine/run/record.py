"""What a journal tells of each step: with what it began and how it ended; forks, comparisons and traces read it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.json import JsonObject, JsonValue
from engine.run.events import EventType, JournalEvent
from engine.run.frames import Key

_ENDS = frozenset({EventType.NODE_FINISHED, EventType.NODE_FAILED, EventType.NODE_SKIPPED, EventType.NODE_CANCELLED})


@dataclass(slots=True)
class Record:
    """How a run stood after its last event that was read. A step that is tried again has not ended."""

    inputs: JsonObject = field(default_factory=dict[str, object])
    starts: dict[Key, JsonObject] = field(default_factory=dict[Key, JsonObject])  # data of NODE_STARTED or NODE_WAITING
    ends: dict[Key, JournalEvent] = field(default_factory=dict[Key, JournalEvent])

    def inputs_of(self, key: Key) -> JsonObject | None:
        """The resolved settings with which the step ran; None when it did not get so far."""
        end = self.ends.get(key)
        found = end.data.get("inputs") if end is not None else None
        return self.starts.get(key, {}).get("inputs") if found is None else found

    def output_of(self, key: Key) -> JsonValue:
        """What the step gave; None also when it gave nothing."""
        end = self.ends.get(key)
        return None if end is None else end.data.get("output")

    def result(self, key: Key) -> JournalEvent | None:
        """The end of a step that later steps build on: it finished, or its failure was handled. Otherwise None."""
        end = self.ends.get(key)
        if end is None or end.type not in (EventType.NODE_FINISHED, EventType.NODE_FAILED):
            return None
        return None if end.data.get("handled") == "fail" else end

    def failed(self) -> Iterator[Key]:
        """Steps whose failure nobody handled."""
        for key, end in self.ends.items():
            if end.type is EventType.NODE_FAILED and end.data.get("handled") == "fail":
                yield key


def read_record(events: Iterable[JournalEvent]) -> Record:
    """Fold a journal, or the beginning of one."""
    record = Record()
    for event in events:
        if event.node is None:
            if event.type is EventType.RUN_STARTED:
                record.inputs = event.data.get("inputs") or {}
            continue
        key = (event.node, event.iteration)
        if event.type is EventType.NODE_STARTED or (event.type is EventType.NODE_WAITING and "inputs" in event.data):
            record.starts[key] = event.data
            record.ends.pop(key, None)
        elif event.type in _ENDS and not event.data.get("retry_at"):
            record.ends[key] = event
    return record
