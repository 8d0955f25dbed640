"""State of what the menu of a step offers: running it alone, until it or from it, and pinning its output."""

import json
from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.runs import get_step, run_from, run_step, run_until
from app.services.workflows import list_pins, pin_output, unpin_output
from app.session import Bridge
from components.canvas.flow import NodeAction
from engine.words import as_words
from pages.run.fork_present import read_written
from pages.run.where import workflow_id_of
from pages.workflow.run_state import EditorRunState, base_run_id, show_pins, show_started
from pages.workflow.start_state import StartState

ACTIONS = (
    NodeAction("run_step", "Run this step", "play"),
    NodeAction("run_until", "Run until here", "skip_forward"),
    NodeAction("run_from", "Run from here", "list_start"),
    NodeAction("pin", "Pin its last output", "pin", needs="edit", when="can_pin", unless="pinned"),
    NodeAction("pin_write", "Pin a written output…", "pin", needs="edit", unless="pinned"),
    NodeAction("pin_write", "Edit the pinned output…", "pencil", needs="edit", when="pinned"),
    NodeAction("unpin", "Unpin", "pin_off", needs="edit", when="pinned"),
)


@dataclass(frozen=True)
class PinDraft:
    """A pinned output that is being written."""

    node: str = ""
    is_plain: bool = False


class TrialState(Bridge, rx.State):
    """Menu choices, and the dialog in which a pinned output is written."""

    pin_open: bool = False
    pin_draft: PinDraft = PinDraft()
    pin_text: str = ""
    pin_error: str = ""

    def _workflow_id(self) -> str:
        return workflow_id_of(self.router.url.path)

    @rx.event
    async def load(self):
        """Read which outputs are pinned."""
        try:
            cards = await self._read(list_pins, workflow_id=self._workflow_id())
        except AppError:
            return  # the editor says why the workflow cannot be opened
        shown = await self.get_state(EditorRunState)
        show_pins(shown, {card.node: card.problem for card in cards})

    @rx.event
    async def act(self, chosen: dict[str, Any]):
        """Do what was chosen from the menu of a step."""
        node, action = str(chosen.get("node", "")), str(chosen.get("action", ""))
        if action in ("run_step", "run_until", "run_from"):
            return await self._run(action, node, str(chosen.get("label", "")))
        if action == "pin":
            return await self._pin_last(node)
        if action == "pin_write":
            return await self._open_pin(node)
        if action == "unpin":
            await self._call(unpin_output, workflow_id=self._workflow_id(), node=node)
            return TrialState.load
        return None

    async def _run(self, action: str, node: str, label: str) -> Any:
        shown = await self.get_state(EditorRunState)
        service: Any = {"run_step": run_step, "run_until": run_until, "run_from": run_from}[action]
        base = {} if action == "run_until" else {"base_run_id": base_run_id(shown)}
        try:
            row = await self._call(service, workflow_id=self._workflow_id(), node=node, **base)
        except Invalid as refused:
            if action != "run_until" or not refused.fields:
                raise
            return StartState.open_until(node, label or as_words(node))
        show_started(shown, row)
        return EditorRunState.follow

    async def _pin_last(self, node: str) -> Any:
        shown = await self.get_state(EditorRunState)
        step = await self._read(get_step, run_id=shown.run.id, node=node)
        await self._call(pin_output, workflow_id=self._workflow_id(), node=node, output=step.output, port=step.row.port)
        return TrialState.load

    async def _open_pin(self, node: str) -> None:
        cards = await self._read(list_pins, workflow_id=self._workflow_id())
        card = next((one for one in cards if one.node == node), None)
        value: Any = card.output if card else await self._sample(node)
        self.pin_draft = PinDraft(node, isinstance(value, str))
        self.pin_text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        self.pin_error, self.pin_open = "", True

    async def _sample(self, node: str) -> Any:
        """What the step gave in the run that is shown, to begin with."""
        shown = await self.get_state(EditorRunState)
        if not shown.run.id or node not in shown.badges:
            return {}
        try:
            return (await self._read(get_step, run_id=shown.run.id, node=node)).output
        except AppError:
            return {}

    @rx.event
    def set_pin_open(self, is_open: bool):
        """Open or close the dialog."""
        self.pin_open = bool(is_open)

    @rx.event
    def set_pin_text(self, text: str):
        """Keep what was written."""
        self.pin_text = str(text)[:1_000_000]

    @rx.event
    def set_pin_plain(self, is_plain: bool):
        """Whether it is a text rather than JSON."""
        self.pin_draft = replace(self.pin_draft, is_plain=bool(is_plain))

    @rx.event
    async def save_pin(self):
        """Pin what was written."""
        try:
            value = read_written(self.pin_text, self.pin_draft.is_plain)
            await self._call(pin_output, workflow_id=self._workflow_id(), node=self.pin_draft.node, output=value)
        except AppError as refused:
            self.pin_error = "\n".join(dict.fromkeys(refused.fields.values())) or refused.message
            return None
        self.pin_open = False
        return TrialState.load
