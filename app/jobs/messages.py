"""What may stand in a queue message: an allow-list of two names and a run id. Nothing in a message is ever imported or unpickled."""

import json
import uuid
import zlib
from dataclasses import dataclass

from app.adapters.queue_rq import RUN_JOB, TICK_JOB
from models.ids import parse_id

LARGEST_BYTES = 4096


class PoisonMessageError(ValueError):
    """A message this worker will not act on; the text says why without quoting it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A doorbell. Without a run id it is the scheduler's tick."""

    run_id: uuid.UUID | None


def read_message(raw: bytes) -> Message:
    """Parse the `data` field of an RQ job: zlib over JSON [function, instance, args, kwargs]. Raises PoisonMessageError."""
    parts = _decode(raw)
    if not isinstance(parts, list) or len(parts) != 4:
        raise PoisonMessageError("it is not a list of four parts")
    name, instance, args, kwargs = parts
    if instance is not None or kwargs != {}:
        raise PoisonMessageError("it carries an instance or keyword arguments")
    if name == TICK_JOB and args == []:
        return Message(None)
    if name != RUN_JOB:
        raise PoisonMessageError("its function is not on the list")
    run_id = parse_id(args[0]) if isinstance(args, list) and len(args) == 1 else None
    if run_id is None:
        raise PoisonMessageError("its argument is not one run id")
    return Message(run_id)


def _decode(raw: bytes) -> object:
    try:
        inflater = zlib.decompressobj()
        text = inflater.decompress(raw, LARGEST_BYTES)
        if inflater.unconsumed_tail:
            raise PoisonMessageError(f"it is larger than {LARGEST_BYTES} bytes")
    except zlib.error:
        text = raw[: LARGEST_BYTES + 1]
    try:
        return json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise PoisonMessageError("it is not JSON") from error
