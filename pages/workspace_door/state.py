"""State of the page that leads to a workspace's own provider."""

import reflex as rx

from app.core.destinations import safe_destination
from app.core.errors import AppError
from app.services.sign_ins import find_door
from app.session import Bridge


class WorkspaceDoorState(Bridge, rx.State):
    """The provider that the address names, if it names one."""

    name: str = ""
    action: str = ""
    query: str = ""
    problem: str = ""
    is_required: bool = False
    is_loading: bool = True

    @rx.event
    async def load(self) -> None:
        """Read the address."""
        asked = self.router.url.query_parameters
        wanted = safe_destination(asked.get("next", ""))
        self.query = "" if wanted == "/" else f"?next={wanted}"
        self.name, self.action, self.problem = "", "", ""
        self.is_required = asked.get("required", "") == "1"
        if door := asked.get("door", ""):
            try:
                found = await self._read(find_door, door=door)
                self.name, self.action = found.name, f"/api/v1/auth/external/{found.key}"
            except AppError:
                self.problem = "This sign-in address is not valid any more. Enter your work address, or ask your administrator."
        self.is_loading = False
