"""What outside receivers are told: the events, and writing them in the transaction of the fact. The journal and other services call it."""

from app.services.announcements.events import EVENTS, TEST, VERSION_NAMED, envelope, sample_payload
from app.services.announcements.writing import (
    announce_budget,
    announce_decision,
    announce_ends,
    announce_waits,
    announce_workflow,
    endpoint_table,
    message_row,
    message_table,
)

__all__ = [
    "EVENTS",
    "TEST",
    "VERSION_NAMED",
    "announce_budget",
    "announce_decision",
    "announce_ends",
    "announce_waits",
    "announce_workflow",
    "endpoint_table",
    "envelope",
    "message_row",
    "message_table",
    "sample_payload",
]
