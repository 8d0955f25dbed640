"""State of the home page."""

from typing import Any

import reflex as rx

from app.services.home import home_view
from app.session import SessionState
from app.views.home import ChecklistItem, HomeView, Notice, RecentRun, Shortcut, WaitingApproval
from pages.loading import Loading, looking_again


class HomeState(Loading, rx.State):
    """What the workspace did lately and what it could do next."""

    checklist: list[ChecklistItem] = []
    approvals: list[WaitingApproval] = []
    runs: list[RecentRun] = []
    workflows: list[Shortcut] = []
    agents: list[Shortcut] = []
    notices: list[Notice] = []
    done: int = 0

    @rx.event
    async def load(self) -> None:
        """Read everything the page shows."""
        with self._loading():
            self._show(await self._read(home_view))

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
        lists = {name: list(getattr(view, name)) for name in ("checklist", "approvals", "runs", "workflows", "agents", "notices")}
        for name, now in {**lists, "done": sum(item.is_done for item in view.checklist)}.items():
            if now != getattr(self, name):
                setattr(self, name, now)
