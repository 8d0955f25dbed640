"""State of the page of API keys: the list, making one, and ending one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.access import create_api_key, list_api_keys, list_key_scopes, revoke_api_key
from app.views.access import ApiKeyRow
from app.views.words import ago, day
from app.wiring import get_wiring
from engine.words import as_words
from pages.listing import Asking, Listing
from pages.webhooks.present import MadeItem

NO_MADE = MadeItem()
LIFETIMES = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("366", "A year"))


@dataclass(frozen=True, slots=True)
class KeyItem:
    """A key as one line of the list."""

    id: str = ""
    name: str = ""
    prefix: str = ""
    scopes: str = ""
    status: str = ""
    ends: str = ""
    used: str = ""


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """A scope as a box to tick."""

    id: str = ""
    label: str = ""
    description: str = ""
    is_on: bool = False


def present(row: ApiKeyRow, *, now: datetime) -> KeyItem:
    """Put moments into words."""
    ends = f"ended {day(row.expires_at)}" if row.status == "expired" else f"until {day(row.expires_at)}"
    used = f"Used {ago(row.last_used_at, now=now)} from {row.last_address or 'an unknown address'}" if row.last_used_at else "Not used yet"
    return KeyItem(
        id=str(row.id),
        name=row.name,
        prefix=f"{row.prefix}…",
        scopes=", ".join(row.scopes).replace("_", " "),
        status=row.status,
        ends="" if row.status == "revoked" else ends,
        used=used,
    )


class KeysState(Listing, Asking, rx.State):
    """The list, and the dialog of a new key."""

    rows: list[KeyItem] = []
    scopes: list[ScopeItem] = []
    is_making: bool = False
    name: str = ""
    days: str = "90"
    errors: dict[str, str] = {}
    made: MadeItem = NO_MADE

    @rx.event
    async def load(self) -> None:
        """Show the list."""
        self.made, self.is_making, self.asked_id, self.search = NO_MADE, False, "", ""
        await self._first()

    async def _fetch(self) -> None:
        now = get_wiring().ports.clock.now()
        rows = [present(row, now=now) for row in await self._read(list_api_keys)]
        words = self.search.strip().casefold()
        self.rows = [row for row in rows if words in f"{row.name} {row.prefix} {row.scopes} {row.status}".casefold()]

    @rx.event
    async def begin(self) -> None:
        """Open the dialog, with looking and running ticked."""
        found = await self._read(list_key_scopes)
        self.scopes = [ScopeItem(one.id, as_words(one.id), one.description, one.id in ("view", "run")) for one in found]
        self.name, self.days, self.errors, self.is_making = "", "90", {}, True

    @rx.event
    def set_making(self, is_open: bool) -> None:
        """Open or close the dialog."""
        self.is_making = is_open is True

    @rx.event
    def set_name(self, text: str) -> None:
        """Type the name."""
        self.name = str(text)[:200]

    @rx.event
    def set_days(self, days: str) -> None:
        """Choose how long it lasts."""
        self.days = str(days)[:4]

    @rx.event
    def set_scope(self, scope: str, is_on: bool) -> None:
        """Tick or untick a scope."""
        self.scopes = [ScopeItem(one.id, one.label, one.description, is_on is True) if one.id == scope else one for one in self.scopes]

    @rx.event
    async def create(self, _form: dict[str, Any]) -> None:
        """Make it and show it, once."""
        self.errors = {}
        wanted = [one.id for one in self.scopes if one.is_on]
        days = int(self.days) if self.days.isdecimal() else 0
        try:
            made = await self._call(create_api_key, name=self.name, scopes=wanted, expires_in_days=days)
        except Invalid as refused:
            self.errors = refused.fields
            return
        self.is_making, self.made = False, MadeItem(name=made.row.name, secret=made.secret)
        await self._fetch()

    @rx.event
    def set_shown(self, is_open: bool) -> None:
        """Close the dialog with the key; it is not kept."""
        if is_open is not True:
            self.made = NO_MADE

    @rx.event
    async def revoke(self) -> Any:
        """End the key that was asked about."""
        key_id, name = self._take_asked()
        await self._call(revoke_api_key, key_id=key_id)
        await self._fetch()
        return rx.toast.success(f"“{name}” is revoked.")
