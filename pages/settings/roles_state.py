"""State of the roles page: the permission table."""

from dataclasses import dataclass

import reflex as rx

from app.core.errors import AppError
from app.services.members import describe_roles
from app.session import Bridge


@dataclass(frozen=True, slots=True)
class RoleItem:
    """One permission and who has it."""

    label: str = ""
    help: str = ""
    owner: bool = False
    admin: bool = False
    member: bool = False
    viewer: bool = False


class RolesState(Bridge, rx.State):
    """The table."""

    rows: list[RoleItem] = []
    problem: str = ""
    is_loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Read it."""
        self.problem = ""
        try:
            found = await self._read(describe_roles)
            self.rows = [RoleItem(line.label, line.help, **dict.fromkeys(line.roles, True)) for line in found]
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False
