"""What the agents page shows and what its buttons do."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services import agents
from app.session import Bridge
from app.views.agents import AgentCard, StarterCard, WorkflowUse


class AgentsState(Bridge, rx.State):
    """The list with its search, order and pages, and the agent about to be deleted."""

    cards: list[AgentCard] = []
    starters: list[StarterCard] = []
    total: int = 0
    next_cursor: str = ""
    search: str = ""
    sort: str = "updated"
    is_loading: bool = True
    problem: str = ""
    doomed_id: str = ""
    doomed_name: str = ""
    doomed_uses: list[WorkflowUse] = []

    @rx.event
    async def load(self) -> None:
        """Read the first page and the starters."""
        self.problem, self.doomed_id = "", ""
        try:
            await self._first_page()
            self.starters = list(await self._read(agents.list_starters))
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False

    async def _first_page(self) -> None:
        page = await self._read(agents.list_agents, search=self.search, sort=self.sort)
        self.cards, self.next_cursor, self.total = list(page.items), page.next_cursor, page.total

    @rx.event
    async def set_search(self, text: str) -> None:
        """Search while typing."""
        self.search = str(text)[:200]
        await self._first_page()

    @rx.event
    async def set_sort(self, sort: str) -> None:
        """Choose the order."""
        self.sort = sort if sort in ("updated", "name", "created") else "updated"
        await self._first_page()

    @rx.event
    async def more(self) -> None:
        """Read the next page."""
        page = await self._read(agents.list_agents, search=self.search, sort=self.sort, cursor=self.next_cursor)
        self.cards, self.next_cursor = [*self.cards, *page.items], page.next_cursor

    @rx.event
    async def start_from(self, key: str) -> Any:
        """Create a ready-made agent and open it."""
        made = await self._call(agents.create_from_starter, key=key)
        return rx.redirect(f"/agents/{made.id}")

    @rx.event
    async def duplicate(self, agent_id: str) -> Any:
        """Copy an agent."""
        made = await self._call(agents.duplicate_agent, agent_id=agent_id)
        await self._first_page()
        return rx.toast.success(f"“{made.name}” was created.")

    @rx.event
    async def ask_delete(self, agent_id: str) -> None:
        """Open the confirmation with the workflows that use the agent."""
        uses = await self._read(agents.find_agent_uses, agent_id=agent_id)
        self.doomed_uses, self.doomed_id = list(uses), str(agent_id)
        self.doomed_name = next((card.name for card in self.cards if card.id == agent_id), "this agent")

    @rx.event
    def keep(self, is_open: bool) -> None:
        """Close the confirmation."""
        if is_open is not True:
            self.doomed_id = ""

    @rx.event
    async def delete(self) -> Any:
        """Delete the agent that was asked about; a toast offers to take it back."""
        gone = await self._call(agents.delete_agent, agent_id=self.doomed_id)
        self.doomed_id = ""
        await self._first_page()
        undo = {"label": "Undo", "on_click": AgentsState.undelete(gone.id)}
        return rx.toast.success(f"“{gone.name}” was deleted.", action=undo, duration=8000)

    @rx.event
    async def undelete(self, agent_id: str) -> Any:
        """Take a deletion back."""
        back = await self._call(agents.undelete_agent, agent_id=agent_id)
        await self._first_page()
        return rx.toast.success(f"“{back.name}” is back.")
