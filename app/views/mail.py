"""What the outbox page of development sees."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutboxLetter:
    """A letter that would have been sent."""

    id: str
    to: str
    subject: str
    text: str
    at: datetime
