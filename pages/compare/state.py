"""State of the page that shows two runs side by side."""

from typing import Any
from urllib.parse import urlencode

import reflex as rx

from app.core.errors import AppError
from app.services.runs import compare_runs, get_step, list_runs
from app.session import Bridge
from app.wiring import get_wiring
from components.canvas.messages import post
from engine.nodes.registry import code_names, field_titles
from pages.compare.present import PairItem, TotalItem, both_workflows, pair_badges, pair_items, run_choices, total_items
from pages.run.present import labels_of
from pages.runs.present import RunItem, run_item

_OFFERED = 30  # the newest runs of the workflow, to take one of them instead
_NO_RUN = RunItem("", "", "", "", "", "", "", "", "", "", "", "")


class CompareState(Bridge, rx.State):
    """Two runs, a and b, as the address names them."""

    a: RunItem = _NO_RUN
    b: RunItem = _NO_RUN
    words: str = ""
    totals: list[TotalItem] = []
    steps: list[PairItem] = []
    badges: dict[str, dict[str, Any]] = {}
    chosen: str = ""
    values: dict[str, Any] = {}
    others: list[dict[str, str]] = []
    problem: str = ""
    is_loading: bool = True
    _kinds: dict[str, str] = {}

    @rx.event
    async def load(self):
        """Compare the two runs of the address."""
        self.reset()
        asked = self.router.url.query_parameters
        try:
            found = await self._read(compare_runs, a=asked.get("a"), b=asked.get("b"))
        except AppError as refused:
            self.problem, self.is_loading = refused.message, False
            return None
        now = get_wiring().ports.clock.now()
        self.a, self.b = run_item(found.a.row, now=now), run_item(found.b.row, now=now)
        nearby = await self._read(list_runs, workflow_id=found.b.row.workflow_id, limit=_OFFERED) if found.b.row.workflow_id else None
        self.others = run_choices([self.a, self.b], [run_item(row, now=now) for row in nearby.rows] if nearby else [])
        self.totals, self.steps, self.badges = total_items(found.a.row, found.b.row), pair_items(found), pair_badges(found)
        differing = sum(1 for step in found.steps if step.difference != "same")
        self._kinds = dict(labels_of(found.a.workflow).kinds) | dict(labels_of(found.b.workflow).kinds)
        self.words = " ".join(
            (
                "The same version of the workflow," if found.is_same_version else "Two versions of the workflow,",
                "the same inputs," if found.has_same_inputs else "other inputs,",
                "the same result." if found.has_same_output else "another result.",
                f"{differing} of {len(found.steps)} steps differ." if differing else "No step differs.",
            )
        )
        self.values = {"given_a": found.a.inputs, "given_b": found.b.inputs, "output_a": found.a.output, "output_b": found.b.output}
        self.is_loading = False
        shown = {"revision": 1, "can_edit": False, "can_run": False, "findings": [], "id": str(found.b.row.id), "name": found.b.row.title}
        return post("open", {"detail": {**shown, "definition": both_workflows(found)}})

    @rx.event
    def take(self, side: str, run_id: str):
        """Put another run of the workflow on one side."""
        a, b = (str(run_id) if side == name else run.id for name, run in (("a", self.a), ("b", self.b)))
        return rx.redirect(f"/runs/compare?{urlencode({'a': a, 'b': b})}")

    @rx.event
    async def choose(self, node: str):
        """Show what one step was given and gave in both runs."""
        self.chosen = next((step.label for step in self.steps if step.node == str(node)), "")
        if not self.chosen:
            return None
        sides = {name: await self._step(run.id, str(node)) for name, run in (("a", self.a), ("b", self.b))}
        of_steps = {f"step_{part}_{name}": side[part] for name, side in sides.items() for part in ("inputs", "output")}
        kind = self._kinds.get(str(node), "")
        self.values = {**self.values, **of_steps, "step_names": field_titles(kind), "step_code": code_names(kind)}
        return post("show", {"id": str(node)})

    @rx.event
    def choose_on_canvas(self, chosen: dict[str, Any]):
        """The step that was clicked on the canvas."""
        node = str(chosen.get("id", ""))
        return CompareState.choose(node) if node else None

    async def _step(self, run_id: str, node: str) -> dict[str, Any]:
        try:
            detail = await self._read(get_step, run_id=run_id, node=node)
        except AppError:
            return {"inputs": None, "output": None}
        return {"inputs": detail.inputs, "output": detail.output}
