"""State of the tests page: the list with its verdicts, running them and following that, and tests made of past runs."""

import asyncio
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services import workflow_tests
from app.services.runs import list_runs
from app.session import Bridge
from app.views.workflow_tests import WorkflowTests
from app.wiring import get_wiring
from pages.runs.present import RunItem, run_item
from pages.workflow_tests.present import TestItem, test_item

PACE_S = 0.7


class WorkflowTestsState(Bridge, rx.State):
    """The tests of the workflow in the address."""

    name: str = ""
    tests: list[TestItem] = []
    summary: str = ""
    is_running: bool = False
    can_edit: bool = False
    can_run: bool = False
    is_loading: bool = True
    problem: str = ""
    past_runs: list[RunItem] = []
    is_choosing: bool = False
    _watching: int = 0

    def _workflow_id(self) -> str:
        parts = self.router.url.path.strip("/").split("/")
        return parts[1] if len(parts) > 1 else ""

    @rx.var
    def editor_href(self) -> str:
        """The way back to the canvas."""
        return f"/workflows/{self._workflow_id()}"

    @rx.event
    async def load(self):
        """Show the tests; those still running are followed."""
        self.problem, self.is_choosing = "", False
        try:
            self._show(await self._read(workflow_tests.list_tests, workflow_id=self._workflow_id()))
        except AppError as refused:
            self.problem = refused.message
        self.is_loading = False
        return WorkflowTestsState.follow if self.is_running else None

    def _show(self, found: WorkflowTests) -> None:
        now = get_wiring().ports.clock.now()
        self.name, self.can_edit, self.can_run = found.workflow_name, found.can_edit, found.can_run
        self.tests = [test_item(row, now=now) for row in found.rows]
        counts = {verdict: sum(1 for row in found.rows if row.verdict == verdict) for verdict in ("passed", "failed", "running", "never")}
        self.is_running = counts["running"] > 0
        words = {"passed": "passed", "failed": "failed", "running": "running", "never": "not run yet"}
        self.summary = " · ".join(f"{count} {words[verdict]}" for verdict, count in counts.items() if count)

    @rx.event
    async def run_all(self):
        """Run every test."""
        return await self._run([])

    @rx.event
    async def run_one(self, test_id: str):
        """Run one test."""
        return await self._run([str(test_id)[:40]])

    async def _run(self, test_ids: list[str]) -> Any:
        await self._call(workflow_tests.run_tests, workflow_id=self._workflow_id(), test_ids=test_ids)
        self._show(await self._read(workflow_tests.list_tests, workflow_id=self._workflow_id()))
        return WorkflowTestsState.follow

    @rx.event(background=True)
    async def follow(self):
        """Keep the verdicts true until every test is over or the person leaves."""
        async with self:
            self._watching += 1
            turn, workflow_id = self._watching, self._workflow_id()
        is_running = True
        while is_running:
            await asyncio.sleep(PACE_S)
            async with self:
                if self._watching != turn or self._workflow_id() != workflow_id:
                    return
                self._show(await self._read(workflow_tests.list_tests, workflow_id=workflow_id))
                is_running = self.is_running

    @rx.event
    async def copy(self, test_id: str):
        """Add the same test once more."""
        await self._call(workflow_tests.copy_test, test_id=test_id)
        return WorkflowTestsState.load

    @rx.event
    async def remove(self, test_id: str):
        """Delete a test."""
        await self._call(workflow_tests.delete_test, test_id=test_id)
        return WorkflowTestsState.load

    @rx.event
    async def choose_run(self):
        """Offer the newest runs that are over."""
        page = await self._read(list_runs, workflow_id=self._workflow_id(), statuses=["succeeded", "failed"])
        now = get_wiring().ports.clock.now()
        self.past_runs = [run_item(row, now=now) for row in page.rows]
        self.is_choosing = True

    @rx.event
    def set_choosing(self, is_open: bool):
        """Open or close the choice of a run."""
        self.is_choosing = bool(is_open)

    @rx.event
    async def add_from_run(self, run_id: str):
        """Make a test of a past run."""
        made = await self._call(workflow_tests.add_test_from_run, run_id=run_id)
        yield rx.toast.success(f"“{made.name}” was added. It expects what that run gave.")
        yield WorkflowTestsState.load
