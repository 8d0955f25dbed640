"""Time-ordered uuids and the parsing of ids that clients send; app.core re-exports nothing, import from here."""

import os
import time
import uuid
from datetime import datetime


def new_id() -> uuid.UUID:
    """Return a version 7 uuid (RFC 9562): 48 bits of Unix milliseconds, then randomness."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def first_id_at(moment: datetime) -> uuid.UUID:
    """The lowest id made at that moment: it parts the ids made before from those made then or later."""
    return uuid.UUID(int=(int(moment.timestamp() * 1000) & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | 0x2 << 62)


def parse_id(text: object) -> uuid.UUID | None:
    """Return the uuid a client sent, or None for anything else: ids from outside are untrusted."""
    if isinstance(text, uuid.UUID):
        return text
    if not isinstance(text, str) or len(text) not in (32, 36):
        return None
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
