"""Time-ordered uuids and the parsing of ids that clients send; app.core re-exports nothing, import from here."""

import os
import time
import uuid
from datetime import datetime


def new_id() -> uuid.UUID:
    """Return a version 7 uuid (RFC 9562, method 3): 48 bits of Unix milliseconds, 12 of their fraction, 62 of randomness.

    One process makes them in ascending order, as long as its clock does not go back: a step of the fraction is 244 ns.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    chance = int.from_bytes(os.urandom(8), "big") >> 2
    return uuid.UUID(int=(milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | chance)


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
