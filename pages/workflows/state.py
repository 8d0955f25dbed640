"""State of the workflow list: search, order, pages, and what the menu of a card does."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid, NotSignedIn
from app.services.blueprints import export_workflow
from app.services.workflows import (
    create_workflow,
    delete_workflow,
    duplicate_workflow,
    list_workflows,
    rename_workflow,
    restore_workflow,
)
from app.session import Bridge
from app.views.words import ago
from app.views.workflows import Miniature, WorkflowCard
from app.wiring import get_wiring

SORTS = ("updated", "name", "created")


@dataclass(frozen=True)
class WorkflowItem:
    """A card with its words ready to show."""

    id: str
    name: str
    description: str
    href: str
    updated: str
    nodes: str
    error_count: int
    miniature: Miniature
    run_status: str
    run_href: str
    run_words: str
    is_private: bool = False
    origin: str = ""  # "" for one that was made here
    origin_href: str = ""
    newer: str = ""


class WorkflowsState(Bridge, rx.State):
    """The cards, and the one that is about to be renamed or deleted."""

    cards: list[WorkflowItem] = []
    total: int = 0
    next_cursor: str = ""
    search: str = ""
    sort: str = "updated"
    is_loading: bool = True
    is_creating: bool = False
    problem: str = ""
    asked: str = ""  # rename | delete
    asked_id: str = ""
    asked_name: str = ""
    name_error: str = ""

    @rx.event
    async def load(self) -> None:
        """Read the first page."""
        self.problem, self.asked, self.is_creating = "", "", False
        try:
            await self._first_page()
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
        finally:
            self.is_loading = False

    async def _fetch(self, cursor: str = "") -> list[WorkflowItem]:
        page = await self._read(list_workflows, search=self.search, sort=self.sort, cursor=cursor)
        self.next_cursor, self.total = page.next_cursor, page.total
        return [_item(card) for card in page.items]

    async def _first_page(self) -> None:
        self.cards = await self._fetch()

    @rx.event
    async def set_search(self, text: str) -> None:
        """Search while typing."""
        self.search = str(text)[:200]
        await self._first_page()

    @rx.event
    async def set_sort(self, sort: str) -> None:
        """Choose the order."""
        self.sort = sort if sort in SORTS else "updated"
        await self._first_page()

    @rx.event
    async def more(self) -> None:
        """Read the next page."""
        self.cards = [*self.cards, *await self._fetch(self.next_cursor)]

    @rx.event
    async def create(self) -> Any:
        """An empty canvas with a start."""
        self.is_creating = True
        yield
        try:
            made = await self._call(create_workflow, name="Untitled workflow")
        finally:
            self.is_creating = False
        yield rx.redirect(f"/workflows/{made.id}")

    @rx.event
    async def duplicate(self, workflow_id: str) -> Any:
        """Copy a workflow."""
        made = await self._call(duplicate_workflow, workflow_id=workflow_id)
        await self._first_page()
        return rx.toast.success(f"“{made.name}” was created.")

    @rx.event
    async def export(self, workflow_id: str) -> Any:
        """Download the workflow with its agents as a YAML blueprint."""
        file = await self._read(export_workflow, workflow_id=workflow_id)
        words = [rx.toast.warning(f"Left out of the file, for it looks like a key: {place}") for place in file.removed]
        return [rx.download(data=file.text, filename=file.filename), *words]

    @rx.event
    def ask(self, what: str, workflow_id: str) -> None:
        """Open the question about one card."""
        self.asked = what if what in ("rename", "delete") else ""
        self.asked_id, self.name_error = str(workflow_id), ""
        self.asked_name = next((card.name for card in self.cards if card.id == self.asked_id), "")

    @rx.event
    def set_asking(self, is_open: bool) -> None:
        """Close the question."""
        if is_open is not True:
            self.asked = ""

    @rx.event
    def set_asked_name(self, name: str) -> None:
        """Type another name."""
        self.asked_name, self.name_error = str(name)[:200], ""

    @rx.event
    async def rename(self) -> None:
        """Keep the new name."""
        try:
            await self._call(rename_workflow, workflow_id=self.asked_id, name=self.asked_name)
        except Invalid as refused:
            self.name_error = refused.fields.get("name", refused.message)
            return
        self.asked = ""
        await self._first_page()

    @rx.event
    async def delete(self) -> Any:
        """Put a workflow away; a toast offers to take it back."""
        workflow_id, name = self.asked_id, self.asked_name
        await self._call(delete_workflow, workflow_id=workflow_id)
        self.asked = ""
        await self._first_page()
        undo = {"label": "Undo", "on_click": WorkflowsState.undelete(workflow_id)}
        return rx.toast.success(f"“{name}” was deleted.", action=undo, duration=8000)

    @rx.event
    async def undelete(self, workflow_id: str) -> None:
        """Take a deletion back."""
        await self._call(restore_workflow, workflow_id=workflow_id)
        await self._first_page()


def _item(card: WorkflowCard) -> WorkflowItem:
    now, source = get_wiring().ports.clock.now(), card.came_from
    return WorkflowItem(
        id=str(card.id),
        name=card.name,
        description=card.description,
        href=f"/workflows/{card.id}",
        updated=f"Changed {ago(card.updated_at, now=now)}",
        nodes="1 step" if card.node_count == 1 else f"{card.node_count} steps",
        error_count=card.error_count,
        miniature=card.miniature,
        run_status=card.last_run_status,
        run_href=f"/runs/{card.last_run_id}" if card.last_run_id else "",
        run_words=ago(card.last_run_at, now=now),
        is_private=card.is_private,
        origin=f"{source.title} {source.version}" if source else "",
        origin_href=f"/marketplace/{source.slug}" if source and source.slug else "",
        newer=source.newer if source else "",
    )
