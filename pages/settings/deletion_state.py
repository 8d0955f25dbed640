"""State of the end of a workspace: what goes with it, and what stands in the way. The form posts to the API: it holds a password."""

import reflex as rx

from app.core.errors import Conflict
from app.services.closing import get_workspace_deletion
from app.services.closing.standing import GRACE
from app.services.home import shell_view
from app.session import Bridge, UnitOfWork
from app.views.closing import WorkspaceDeletion


class DeletionState(Bridge, rx.State):
    """What the danger zone shows; nothing to others than owners."""

    shown: WorkspaceDeletion = WorkspaceDeletion()
    things: str = ""
    buyers: str = ""
    is_open: bool = False

    @rx.event
    async def load(self) -> None:
        """Whether this person may delete it, and what that would take along."""
        self.is_open = False
        self.shown = await self._read(_zone_for_owners)

    @rx.event
    async def ask(self) -> None:
        """Open the question, with what is so now."""
        await self._fetch()
        self.is_open = bool(self.shown.id)

    @rx.event
    def close(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.is_open = False

    async def _fetch(self) -> None:
        self.shown = await self._read(_deletion_for_owners)
        words = ", ".join(thing.words for thing in self.shown.things if thing.kind != "members")
        self.things = f": {words}" if words else ""
        self.buyers = keeping(self.shown.buyers)


def keeping(many: int) -> str:
    """The beginning of a sentence about the workspaces of others; "" without any."""
    if many < 2:
        return "1 other workspace keeps what it installed" if many else ""
    return f"{many:,} other workspaces keep what they installed"


def _zone_for_owners(uow: UnitOfWork) -> WorkspaceDeletion:
    """Whether there is anything to press; what would go is counted when somebody does."""
    seen = shell_view(uow)
    is_theirs = seen.workspace.role == "owner" and not seen.me.is_demo
    if not is_theirs:
        return WorkspaceDeletion()
    return WorkspaceDeletion(id=seen.workspace.id, name=seen.workspace.name, days=GRACE.days)


def _deletion_for_owners(uow: UnitOfWork) -> WorkspaceDeletion:
    """Nothing for others, without asking: looking at the page is no attempt that the trail should tell of."""
    if shell_view(uow).workspace.role != "owner":
        return WorkspaceDeletion()
    try:
        return get_workspace_deletion(uow)
    except Conflict:  # the demo account deletes nothing
        return WorkspaceDeletion()
