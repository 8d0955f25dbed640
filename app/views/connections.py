"""What pages and the API may see of what a workspace is connected to."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """One service outside. `kind` is model, credential, sign_in, webhook or payouts; `href` is the page that manages it.

    `state` is ok, untested, failing, expired, locked, paused, disabled, off or unfinished.
    """

    kind: str
    name: str
    detail: str  # provider, hosts or address
    state: str
    note: str  # why, where something is wrong
    last_used_at: datetime | None
    href: str


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """All that fit, in the order of their kinds; `is_partial`: those of owners are left out."""

    rows: tuple[ConnectionRow, ...]
    total: int
    is_partial: bool
