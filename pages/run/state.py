"""State of the run page: the pinned graph, its steps, the chosen step, and following while it is active."""

from collections.abc import AsyncIterator
from typing import Any

import reflex as rx

from app.core.errors import AppError, NotFound, NotSignedIn
from app.services.runs import cancel_run, get_run, get_step, retry_run
from app.views.overlay import Overlay
from app.views.runs import RunDetail
from app.watch import watch_run
from app.wiring import get_wiring
from components import ui
from components.canvas.messages import post
from pages.approvals.present import ApprovalItem, approval_item
from pages.loading import Loading
from pages.run.fork_origin import origin_item
from pages.run.present import RunFacts, StepItem, StepPanel, input_labels, is_cut_short, labels_of, run_link, step_items, step_panel
from pages.run.signal_state import SignalState
from pages.run.where import run_id_of
from pages.runs.present import ACTIVE, RunItem, run_item

_READ_ONLY = {"revision": 1, "can_edit": False, "can_run": False, "findings": []}
MOST_STEPS = 300
_NO_RUN = RunItem("", "", "", "", "", "", "", "", "", "", "", "")


class RunState(Loading, rx.State):
    """One run as the page shows it."""

    run: RunItem = _NO_RUN
    badges: dict[str, dict[str, Any]] = {}
    steps: list[StepItem] = []
    step: StepPanel = StepPanel()
    approvals: list[ApprovalItem] = []
    values: dict[str, Any] = {}
    facts: RunFacts = RunFacts()
    live_text: str = ""
    _watching: str = ""
    _workflow: dict[str, Any] = {}

    @rx.var
    def is_asking(self) -> bool:
        """Whether a decision card already says what the run waits for."""
        return any(item.status == "pending" for item in self.approvals)

    def _run_id(self) -> str:
        return run_id_of(self.router.url.path)

    @rx.event
    async def load(self):
        """Show the run and follow it while it is active."""
        self.reset()
        yield
        detail = await self._found()
        if detail is None:
            return
        self._show(detail)
        if self.steps:
            yield RunState.choose(_first_choice(self.steps))
        yield post("open", {"detail": {**_READ_ONLY, "id": str(detail.row.id), "name": detail.row.title, "definition": detail.workflow}})
        if detail.row.status in ACTIVE or is_cut_short(detail.steps, labels_of(detail.workflow)):
            yield RunState.follow

    async def _found(self) -> RunDetail | None:
        """The run, or None when the page tells why there is none."""
        with self._loading():
            return await self._read(get_run, run_id=self._run_id())
        return None

    def _show(self, detail: RunDetail) -> None:
        now = get_wiring().ports.clock.now()
        self.run = run_item(detail.row, now=now)
        self._workflow = detail.workflow
        parents = labels_of(detail.workflow).parents
        self.badges = Overlay(detail.steps, now=get_wiring().ports.clock.now, parents=parents).badges()
        self._show_progress(detail)

    def _show_progress(self, detail: RunDetail) -> None:
        now = get_wiring().ports.clock.now()
        self.run = run_item(detail.row, now=now)
        labels = labels_of(detail.workflow)
        items = step_items(detail.steps, labels)
        self.steps = items[:MOST_STEPS]
        self.facts = RunFacts(
            detail.can_run and detail.row.kind != "chat",
            max(len(items), detail.step_count) - len(self.steps),
            origin_item(detail.fork, labels.labels),
            [run_link(link) for link in detail.above],
        )
        self.approvals = [approval_item(card, now=now) for card in detail.approvals]
        self.values = {"inputs": detail.inputs, "output": detail.output, "labels": input_labels(detail.workflow)}

    @rx.event
    async def choose(self, key: str):
        """Show one step's input and output."""
        node, _, iteration = str(key).partition("@")
        detail = await self._read(get_step, run_id=self._run_id(), node=node, iteration=iteration)
        self.step = step_panel(detail, labels_of(self._workflow))
        self.live_text = str(self.badges.get(node, {}).get("text", ""))

    @rx.event
    def choose_in_list(self, key: str):
        """Show a step of the list, and bring it into sight on the canvas."""
        return [RunState.choose(key), post("show", {"id": str(key).partition("@")[0]}), ui.bring_into_sight("#step-panel")]

    @rx.event
    def choose_on_canvas(self, chosen: dict[str, Any]):
        """Show the step of the node that was clicked on the canvas."""
        node = str(chosen.get("id", ""))
        key = next((step.key for step in self.steps if step.node == node), "")
        shown = ui.bring_into_sight("#step-panel")
        return [RunState.choose(key), shown] if key and node != self.step.node else shown if key else None

    @rx.event(background=True)
    async def follow(self):
        """Keep the page true until the run is over, the person leaves or may not see it any more."""
        async with self:
            run_id, token = self._run_id(), self._token()
            if self._watching == run_id:
                return
            self._watching = run_id
        try:
            async for event in self._followed(run_id, token):
                yield event
        except NotSignedIn:
            raise
        except AppError as refused:
            async with self:
                self.problem, self.is_missing = refused.message, isinstance(refused, NotFound)
        finally:
            async with self:
                self._watching = "" if self._watching == run_id else self._watching

    async def _followed(self, run_id: str, token: str) -> AsyncIterator[Any]:
        overlay = Overlay(now=get_wiring().ports.clock.now, parents=labels_of(self._workflow).parents)
        async for glimpse in watch_run(token, run_id):
            for event in glimpse.events:
                overlay.apply(event)
            for update in glimpse.live:
                overlay.take_live(update)
            async with self:
                if self._watching != run_id or run_id not in self.router.url.path:
                    return
                self.badges = overlay.badges()
                self.live_text = str(self.badges.get(self.step.node, {}).get("text", ""))
                if glimpse.events or glimpse.is_over:
                    self._show_progress(await self._read(get_run, run_id=run_id))
            if glimpse.events:
                yield [RunState.refresh_step, SignalState.load]

    @rx.event
    async def refresh_step(self):
        """Read the chosen step again after the journal moved."""
        if self.step.key:
            return RunState.choose(self.step.key)
        return RunState.choose(self.steps[-1].key) if self.steps else None

    @rx.event
    async def cancel(self):
        """Stop the run."""
        await self._call(cancel_run, run_id=self._run_id())

    @rx.event
    async def run_again(self):
        """Start a new run with the same plan and inputs."""
        row = await self._call(retry_run, run_id=self._run_id())
        return rx.redirect(f"/runs/{row.id}")

    @rx.event
    def compare_with_origin(self):
        """Show this run beside the one it was made from."""
        return rx.redirect(f"/runs/compare?a={self.run.origin}&b={self.run.id}")


def _first_choice(steps: list[StepItem]) -> str:
    """The step a person wants to see first: what failed, what waits, else the last that did something before the end.

    The end gives what the page shows as the result anyway.
    """
    for status in ("failed", "waiting", "unknown", "running", "cancelled"):
        found = next((step.key for step in steps if step.status == status), "")
        if found:
            return found
    done = [step.key for step in steps if step.status == "done" and step.kind not in ("end", "start")]
    return done[-1] if done else steps[0].key
