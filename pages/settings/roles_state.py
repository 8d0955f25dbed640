"""State of the roles page: the permission table."""

from dataclasses import dataclass

import reflex as rx

from app.services.members import describe_roles
from pages.listing import Listing


@dataclass(frozen=True, slots=True)
class RoleItem:
    """One permission and who has it."""

    label: str = ""
    help: str = ""
    owner: bool = False
    admin: bool = False
    member: bool = False
    viewer: bool = False


class RolesState(Listing, rx.State):
    """The table."""

    rows: list[RoleItem] = []

    @rx.event
    async def load(self) -> None:
        """Read it."""
        self.search = ""
        await self._first()

    async def _fetch(self) -> None:
        words = self.search.strip().casefold()
        found = [line for line in await self._read(describe_roles) if words in f"{line.label} {line.help}".casefold()]
        self.rows = [RoleItem(line.label, line.help, **dict.fromkeys(line.roles, True)) for line in found]
