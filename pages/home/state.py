"""State of the home page."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotSignedIn
from app.services.home import home_view
from app.session import Bridge
from app.views.home import ChecklistItem, Notice, RecentRun, Shortcut, WaitingApproval


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
        self.checklist, self.approvals = list(view.checklist), list(view.approvals)
        self.runs, self.workflows, self.agents = list(view.runs), list(view.workflows), list(view.agents)
        self.notices = list(view.notices)
        self.done = sum(item.is_done for item in view.checklist)
