"""State of the run that the editor shows: the live overlay with pinned outputs, decisions, the result and a step's values."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.runs import cancel_run, get_run, get_step, list_runs
from app.session import Bridge, SessionState
from app.views.overlay import Overlay
from app.views.runs import RunDetail, RunRow
from app.watch import watch_run
from app.wiring import get_wiring
from pages.approvals.present import ApprovalItem, approval_item
from pages.loading import looking_again
from pages.run.present import StepPanel, labels_of, part_of, step_panel, telling_entries
from pages.run.where import workflow_id_of
from pages.runs.present import ACTIVE, RunItem, run_item

_NOWHERE = {"id": "", "label": ""}
_NO_RUN = RunItem("", "", "", "", "", "", "", "", "", "", "", "")


class EditorRunState(Bridge, rx.State):
    """The run that the editor shows on its canvas."""

    run: RunItem = _NO_RUN
    badges: dict[str, dict[str, Any]] = {}
    approvals: list[ApprovalItem] = []
    output: dict[str, Any] = {}
    step: StepPanel = StepPanel()
    failed_at: dict[str, str] = _NOWHERE
    live_text: str = ""
    entry: str = ""
    pins: dict[str, str] = {}
    _chosen: str = ""
    _labels: dict[str, Any] = {}
    _entries: dict[str, str] = {}

    @rx.event
    def forget(self):
        """Clear the canvas of the last run; called when the editor opens."""
        pins = self.pins
        self.reset()
        show_pins(self, pins)

    @rx.event
    async def resume(self):
        """Take up this person's newest run of this workflow that is still on: a reload took it from sight."""
        wanted = {"workflow_id": workflow_id_of(self.router.url.path), "statuses": ACTIVE, "by": "me", "limit": 1}
        with looking_again():
            for row in (await self._read(list_runs, **wanted)).rows:
                show_started(self, row)
                return EditorRunState.follow
        return None

    @rx.event(background=True)
    async def follow(self):
        """Draw the run on the canvas until it is over or another one is started."""
        async with self:
            run_id, token = self.run.id, self._token()
        if not run_id:
            return
        overlay = Overlay(now=get_wiring().ports.clock.now)
        async for glimpse in watch_run(token, run_id):
            for event in glimpse.events:
                overlay.apply(event)
            for update in glimpse.live:
                overlay.take_live(update)
            waiting = len(self.approvals)
            async with self:
                if self.run.id != run_id:
                    return
                is_news = bool(glimpse.events) or glimpse.is_over
                if is_news:
                    self._show(await self._read(get_run, run_id=run_id))
                    overlay.parents = labels_of(self._labels).parents
                _draw(self, overlay.badges())
                self.live_text = str(self.badges.get(self.step.node, {}).get("text", ""))
                if is_news:
                    await self._refresh_step(run_id)
            if len(self.approvals) != waiting:
                yield SessionState.guard  # renews the count in the navigation

    def _show(self, detail: RunDetail) -> None:
        now = get_wiring().ports.clock.now()
        self.run = run_item(detail.row, now=now)
        self.failed_at = _failed_at(detail)
        self.approvals = [approval_item(card, now=now) for card in detail.approvals]
        pinned = sum(1 for step in detail.steps if step.reason == "pinned")
        words = f"{pinned} pinned output{'s' if pinned > 1 else ''} used" if pinned else ""
        self.output = {"value": detail.output, "error": detail.error or {}, "pinned": words}
        self._labels = {"nodes": detail.workflow.get("nodes", [])}
        self._entries = telling_entries(detail.steps)

    async def _refresh_step(self, run_id: str) -> None:
        if self.badges.get(self._chosen, {}).get("status"):
            await self._show_step(run_id)

    async def _show_step(self, run_id: str) -> None:
        try:
            detail = await self._read(get_step, run_id=run_id, node=self._chosen, iteration=self._entries.get(self._chosen, ""))
        except AppError:
            self.step = StepPanel()
            return
        labels = labels_of(self._labels)
        self.step, self.entry = step_panel(detail, labels), part_of(detail.row, labels)

    @rx.event
    async def inspect(self, node: str):
        """Show what went in and out of a node in this run."""
        run_id, self._chosen = self.run.id, str(node)[:63]
        if not run_id or not self.badges.get(str(node), {}).get("status"):
            self.step = StepPanel()
            return
        await self._show_step(run_id)

    @rx.event
    async def cancel(self):
        """Stop the run."""
        if self.run.status in ACTIVE:
            await self._call(cancel_run, run_id=self.run.id)


def _failed_at(detail: RunDetail) -> dict[str, str]:
    """The step whose error is the run's; the canvas tells the error there."""
    message = detail.row.error_message
    failed = next((step for step in detail.steps if step.error and step.error.get("message") == message), None)
    if detail.row.status != "failed" or failed is None:
        return _NOWHERE
    return {"id": failed.node, "label": labels_of(detail.workflow).labels.get(failed.node, failed.node)}


def show_started(shown: EditorRunState, row: RunRow) -> None:
    """Show a run that was just started; `follow` does the rest."""
    shown.run = run_item(row, now=get_wiring().ports.clock.now())
    shown.output, shown.approvals, shown.step, shown.failed_at = {}, [], StepPanel(), _NOWHERE
    _draw(shown, {})


def show_pins(shown: EditorRunState, pins: dict[str, str]) -> None:
    """Show which steps have a pinned output, and why one of them does not serve at present."""
    shown.pins = pins
    _draw(shown, {node: badge for node, badge in shown.badges.items() if badge.get("status")})


def base_run_id(shown: EditorRunState) -> str | None:
    """The run that "from here" and "this step" build on: the one that is shown, if it is of a kind to build on."""
    return shown.run.id if shown.run.id and shown.run.status not in ACTIVE else None


def _draw(shown: EditorRunState, badges: dict[str, dict[str, Any]]) -> None:
    """What the canvas shows of each step: how it ran, and whether its output is pinned."""
    drawn: dict[str, dict[str, Any]] = {}
    for node, badge in badges.items():
        can_pin = badge["status"] == "done" and badge["total"] == 1
        drawn[node] = {name: fact for name, fact in badge.items() if name not in ("pinned", "pin_problem")} | {"can_pin": can_pin}
    for node, problem in shown.pins.items():
        drawn[node] = {**drawn.get(node, {}), "pinned": True, "pin_problem": problem}
    shown.badges = drawn
