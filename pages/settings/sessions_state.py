"""State of the sessions page: where the person is signed in, and ending it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from app.services.accounts import list_sessions, revoke_other_sessions, revoke_session
from app.views.accounts import SessionCard
from app.views.words import ago
from app.wiring import get_wiring
from pages.listing import Listing

PHONES = ("iPhone", "Android")


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as one line of the list."""

    id: str = ""
    device: str = ""
    note: str = ""
    is_current: bool = False
    is_phone: bool = False


def present(card: SessionCard, *, now: datetime) -> SessionLine:
    """Put address and last use into words."""
    used = "in use now" if card.is_current else f"last used {ago(card.last_seen, now=now)}"
    note = " · ".join(part for part in (card.address, used) if part)
    return SessionLine(card.id, card.device, note, card.is_current, card.device.endswith(PHONES))


class SessionsState(Listing, rx.State):
    """The list."""

    rows: list[SessionLine] = []
    has_others: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the list."""
        self.search = ""
        await self._first()

    async def _fetch(self) -> None:
        now, words = get_wiring().ports.clock.now(), self.search.strip().casefold()
        lines = [present(card, now=now) for card in await self._read(list_sessions)]
        self.rows = [line for line in lines if words in f"{line.device} {line.note}".casefold()]
        self.has_others = len(lines) > 1

    @rx.event
    async def end_session(self, session_id: str) -> Any:
        """Sign one browser out."""
        await self._call(revoke_session, session_id=session_id)
        await self._fetch()
        return rx.toast.success("That browser is signed out.")

    @rx.event
    async def end_others(self) -> Any:
        """Sign every other browser out."""
        count = await self._call(revoke_other_sessions)
        await self._fetch()
        return rx.toast.success(f"Signed out {count} other browser{'' if count == 1 else 's'}.")
