"""State of running a workflow from its editor: the input form, the live overlay, decisions and the result."""

from dataclasses import replace
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.runs import cancel_run, get_run, get_run_form, get_step, start_run
from app.session import Bridge
from app.views.overlay import Overlay
from app.views.runs import RunDetail
from app.watch import watch_run
from app.wiring import get_wiring
from components.forms.answers import AnswerField, answer_fields, typed_answers
from pages.approvals.present import ApprovalItem, approval_item
from pages.run.present import StepPanel, labels_of, step_panel
from pages.runs.present import ACTIVE, RunItem, run_item

_NOWHERE = {"id": "", "label": ""}
_NO_RUN = RunItem("", "", "", "", "", "", "", "", "", "", "", "")


class EditorRunState(Bridge, rx.State):
    """The run that the editor shows on its canvas."""

    form_open: bool = False
    form_version: int = 0
    fields: list[AnswerField] = []
    errors: dict[str, str] = {}
    is_starting: bool = False
    run: RunItem = _NO_RUN
    badges: dict[str, dict[str, Any]] = {}
    approvals: list[ApprovalItem] = []
    output: dict[str, Any] = {}
    step: StepPanel = StepPanel()
    failed_at: dict[str, str] = _NOWHERE
    live_text: str = ""
    _texts: dict[str, str] = {}
    _labels: dict[str, Any] = {}

    def _workflow_id(self) -> str:
        return self.router.url.path.rstrip("/").rsplit("/", 1)[-1]

    @rx.event
    def forget(self):
        """Clear the canvas of the last run; called when the editor opens."""
        self.reset()

    @rx.event
    async def open_form(self):
        """Ask for the inputs, or start at once when the workflow takes none."""
        raw = await self._read(get_run_form, workflow_id=self._workflow_id())
        self.fields, self.errors, self._texts = answer_fields(raw), {}, {}
        if not self.fields:
            return EditorRunState.start
        self.form_open = True
        return None

    @rx.event
    def fill_in(self, what: str):
        """Take over the examples of the start step, or empty every field."""
        texts = {field.name: field.placeholder if what == "example" else "" for field in self.fields}
        self.fields = [replace(field, value=texts[field.name] or ("" if what != "example" else field.value)) for field in self.fields]
        self._texts, self.errors = {}, {}
        self.form_version += 1

    @rx.event
    def set_form_open(self, is_open: bool):
        """Open or close the form."""
        self.form_open = bool(is_open)

    @rx.event
    def answer(self, name: str, value: str | bool):
        """Keep what was typed."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self._texts = {**self._texts, str(name)[:64]: text[:1_000_000]}

    @rx.event
    async def start(self):
        """Start the run and follow it."""
        answers, self.errors = typed_answers(self.fields, self._texts)
        if self.errors or self.is_starting:
            return
        self.is_starting = True
        yield
        try:
            row = await self._call(start_run, workflow_id=self._workflow_id(), inputs=answers)
        except Invalid as refused:
            self.errors = refused.fields
            yield rx.toast.error(refused.message)
            return
        finally:
            self.is_starting = False
        self.form_open = False
        self.run = run_item(row, now=get_wiring().ports.clock.now())
        self.badges, self.output, self.approvals, self.step, self.failed_at = {}, {}, [], StepPanel(), _NOWHERE
        yield EditorRunState.follow

    @rx.event(background=True)
    async def follow(self):
        """Draw the run on the canvas until it is over or another one is started."""
        async with self:
            run_id, token = self.run.id, self._token()
        if not run_id:
            return
        overlay = Overlay()
        async for glimpse in watch_run(token, run_id):
            for event in glimpse.events:
                overlay.apply(event)
            for update in glimpse.live:
                overlay.take_live(update.kind, update.node, update.payload)
            async with self:
                if self.run.id != run_id:
                    return
                self.badges = overlay.badges()
                self.live_text = str(self.badges.get(self.step.node, {}).get("text", ""))
                if glimpse.events or glimpse.is_over:
                    self._show(await self._read(get_run, run_id=run_id))
                    await self._refresh_step(run_id)

    def _show(self, detail: RunDetail) -> None:
        now = get_wiring().ports.clock.now()
        self.run = run_item(detail.row, now=now)
        self.failed_at = _failed_at(detail)
        self.approvals = [approval_item(card, now=now) for card in detail.approvals]
        self.output = {"value": detail.output, "error": detail.error or {}}
        self._labels = {"nodes": detail.workflow.get("nodes", [])}

    async def _refresh_step(self, run_id: str) -> None:
        if self.step.key:
            node, _, iteration = self.step.key.partition("@")
            detail = await self._read(get_step, run_id=run_id, node=node, iteration=iteration)
            self.step = step_panel(detail, labels_of(self._labels))

    @rx.event
    async def inspect(self, node: str):
        """Show what went in and out of a node in this run."""
        run_id = self.run.id
        if not run_id or str(node) not in self.badges:
            self.step = StepPanel()
            return
        try:
            detail = await self._read(get_step, run_id=run_id, node=str(node), iteration="")
        except AppError:
            self.step = StepPanel()
            return
        self.step = step_panel(detail, labels_of(self._labels))

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
