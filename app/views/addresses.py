"""Addresses that the site map tells search engines."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A public page for the site map."""

    path: str
    changed_at: datetime | None
