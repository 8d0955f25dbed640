"""State of the trace page: hands the rows to the browser, follows the run while it is on, and reads the chosen attempt."""

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.runs import get_attempt, get_run, read_moments
from app.session import Bridge
from app.views.trace import TraceFold
from app.watch import watch_run
from components import ui
from components.trace import post_trace
from pages.run.fork_state import ForkState
from pages.run.present import labels_of
from pages.run.where import run_id_of
from pages.trace.present import AttemptItem, attempt_item
from pages.trace.rows import node_rows, pause_rows, span_rows

_MOST_READS = 20


class TraceState(Bridge, rx.State):
    """The waterfall itself lives in the browser; here is the chosen attempt, with the chosen call of it."""

    attempt: AttemptItem = AttemptItem()
    problem: str = ""
    _workflow: dict[str, Any] = {}
    _watching: str = ""

    @rx.event(background=True)
    async def load(self):
        """Hand over the whole trace, then what is new until the run is over or the person leaves."""
        async with self:
            self.reset()
            run_id, token = run_id_of(self.router.url.path), self._token()
            self._watching = run_id
            try:
                detail = await self._read(get_run, run_id=run_id)
            except AppError as refused:
                self.problem = refused.message
                return
            self._workflow = {"nodes": detail.workflow.get("nodes", [])}
        labels, fold, seq = labels_of(detail.workflow), TraceFold(), 0
        yield post_trace("open", {"nodes": node_rows(detail.workflow, labels)})
        async for _glimpse in watch_run(token, run_id, after_seq=detail.last_seq):
            async with self:
                if self._watching != run_id or not self.router.url.path.rstrip("/").endswith("/trace"):
                    return
                for _ in range(_MOST_READS):
                    events = await self._read(read_moments, run_id=run_id, after_seq=seq)
                    if not events:
                        break
                    fold.take(events)
                    seq = events[-1].seq
            spans, moments = fold.news()
            if moments:
                yield post_trace("rows", {"spans": span_rows(spans), "moments": moments, "pauses": pause_rows(fold.pauses)})

    @rx.event
    async def choose(self, chosen: dict[str, Any]):
        """Show one attempt with its values, prompts and calls, or the one call that the entry tells of."""
        asked = {name: chosen.get(name) for name in ("node", "iteration", "seq")}
        detail = await self._read(get_attempt, run_id=run_id_of(self.router.url.path), **asked)
        self.attempt = attempt_item(detail, labels_of(self._workflow))
        return ui.bring_into_sight("#attempt-panel") if chosen.get("by") == "" else None

    @rx.event
    def continue_from(self, moment: dict[str, Any]):
        """Ask for a run that begins as things stood at that moment."""
        return ForkState.ask("moment", str(moment.get("seq", "")))
