"""State of the page of connections: what the workspace is connected to."""

from dataclasses import dataclass
from datetime import datetime

import reflex as rx

from app.services.connections import list_connections
from app.views.connections import ConnectionRow
from app.views.words import ago
from app.wiring import get_wiring
from pages.listing import Listing

KINDS = {
    "model": "Model provider",
    "credential": "API",
    "webhook": "Outgoing webhook",
    "sign_in": "Sign-in provider",
    "payouts": "Payout account",
}
STATES = {
    "ok": ("Works", "green"),
    "untested": ("Not tested", "neutral"),
    "failing": ("Failing", "red"),
    "expired": ("Expired", "amber"),
    "locked": ("Cannot be opened", "red"),
    "paused": ("Paused", "amber"),
    "disabled": ("Switched off after failures", "red"),
    "off": ("Not in use", "neutral"),
    "unfinished": ("Not finished", "amber"),
}


@dataclass(frozen=True, slots=True)
class ConnectionItem:
    """A connection as one line of the list."""

    name: str = ""
    kind: str = ""
    detail: str = ""
    state: str = ""
    tone: str = "neutral"
    note: str = ""
    used: str = ""
    href: str = ""


def connection_item(row: ConnectionRow, *, now: datetime) -> ConnectionItem:
    """Put state and moment into words."""
    state, tone = STATES[row.state]
    return ConnectionItem(
        name=row.name,
        kind=KINDS[row.kind],
        detail=row.detail,
        state="Nothing sent yet" if row.kind == "webhook" and row.state == "untested" else state,
        tone=tone,
        note=row.note,
        used=f"Used {ago(row.last_used_at, now=now)}" if row.last_used_at else "Not used yet",
        href=row.href,
    )


class ConnectionsState(Listing, rx.State):
    """The list."""

    rows: list[ConnectionItem] = []
    is_empty: bool = True
    is_partial: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the list."""
        self.search = ""
        await self._first()

    async def _fetch(self) -> None:
        page = await self._read(list_connections, search=self.search)
        now = get_wiring().ports.clock.now()
        self.rows = [connection_item(row, now=now) for row in page.rows]
        self.is_empty, self.is_partial = page.total == 0, page.is_partial
