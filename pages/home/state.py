"""State of the home page."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.home import home_view
from app.session import Bridge, SessionState
from app.views.home import ChecklistItem, HomeView, Notice, RecentRun, Shortcut, WaitingApproval
from pages.following import looking_again


class HomeState(Bridge, rx.State):
    """What the workspace did lately and what it could do next."""

    checklist: list[ChecklistItem] = []
    approvals: list[WaitingApproval] = []
    runs: list[RecentRun] = []
    workflows: list[Shortcut] = []
    agents: list[Shortcut] = []
    notices: list[Notice] = []
    done: int = 0
    is_loading: bool = True
    problem: str = ""

    @rx.event
    async def load(self) -> Any:
        """Read everything the page shows."""
        self.problem = ""
        try:
            view = await self._read(home_view)
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
            return
        finally:
            self.is_loading = False
        self._show(view)

    @rx.event
    async def follow(self) -> Any:
        """Show what has happened since."""
        if self.is_loading or self.problem:
            return None
        with looking_again():
            before = len(self.approvals)
            self._show(await self._read(home_view))
            if len(self.approvals) != before:
                return SessionState.guard  # renews the count in the navigation
        return None

    def _show(self, view: HomeView) -> None:
        """Take over what differs, so that only that is drawn anew."""
        for name in ("checklist", "approvals", "runs", "workflows", "agents", "notices"):
            if (now := list(getattr(view, name))) != getattr(self, name):
                setattr(self, name, now)
        self.done = sum(item.is_done for item in view.checklist)
