"""What a step had written when it was stopped or failed: the words of its models, which the journal keeps with each attempt."""

import uuid

import sqlalchemy as sa

from app.services.runs.tables import event_table
from engine.agents.turn import BILLED
from engine.run.events import EventType

MOST_CALLS = 200
_event = event_table.c
_kind, _key = _event.payload[("fact", "type")].as_string(), _event.payload["key"].as_string()
_text = sa.func.coalesce(_event.payload[("fact", "text")].as_string(), _event.payload[("fact", "reply", "text")].as_string(), "")
_SAID = (
    sa.select(_kind.label("kind"), _key.label("key"), _text.label("text"))
    .where(_event.type == EventType.NODE_PROGRESS, _kind.in_(BILLED))
    .order_by(_event.seq.desc())
    .limit(MOST_CALLS)
)


def written_by(connection: sa.Connection, *, run_id: uuid.UUID, node: str, iteration: str, attempt: int) -> str:
    """The words of one attempt's answers in order, the unfinished one last; a call that was made anew counts once."""
    is_attempt = _event.payload["attempt"].as_integer() == attempt
    found = connection.execute(_SAID.where(_event.run_id == run_id, _event.node == node, _event.iteration == iteration, is_attempt)).all()
    said: dict[str, str] = {}
    for row in reversed(found):
        said[row.key.replace("partial:", "model:")] = row.text
    return "\n\n".join(text for text in said.values() if text.strip())
