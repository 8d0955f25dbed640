"""State of the dialog that runs a run again from some point: which version, which value is written by hand, what it would keep."""

from dataclasses import replace
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.runs import describe_fork, fork_run, get_blank_result, get_run, get_step
from app.session import Bridge
from components.forms.answers import AnswerField, typed_answers
from pages.run.fork_present import ForkAsk, ForkItem, as_written, ask_of, fork_item, read_written, start_fields
from pages.run.present import labels_of
from pages.run.where import run_id_of

_LONGEST = 1_000_000


class ForkState(Bridge, rx.State):
    """One wish at a time; the service judges it on every change."""

    is_open: bool = False
    asked: ForkAsk = ForkAsk()
    version: str = "same"
    text: str = ""
    fields: list[AnswerField] = []
    errors: dict[str, str] = {}
    preview: ForkItem = ForkItem()
    is_starting: bool = False
    _texts: dict[str, str] = {}

    @rx.event
    async def ask(self, how: str, key: str):
        """Open the dialog for a step (node@iteration), a moment (its journal number), the inputs, or what failed."""
        detail = await self._read(get_run, run_id=run_id_of(self.router.url.path))
        self.asked = ask_of(str(how), str(key), str(detail.row.id), labels_of(detail.workflow))
        self.version, self.text, self.fields, self.errors, self._texts = "same", "", [], {}, {}
        self.preview, self.is_starting = ForkItem(), False
        if self.asked.how == "given":
            node, self.fields = start_fields(detail.workflow, detail.inputs)
            self.asked = replace(self.asked, node=node)
            if not self.fields:
                self.asked, self.text = as_written(self.asked, detail.inputs)
        elif self.asked.how in ("output", "inputs"):
            step = await self._read(get_step, run_id=self.asked.run_id, node=self.asked.node, iteration=self.asked.iteration)
            value = step.output if self.asked.how == "output" else step.inputs
            if self.asked.how == "output" and value is None:
                value = await self._read(get_blank_result, run_id=self.asked.run_id, node=self.asked.node)
            self.asked, self.text = as_written(self.asked, value)
        self.is_open = True
        await self._judge()
        if self.asked.has_value:
            self.errors = {}  # nothing was written yet that could be wrong

    @rx.event
    def set_open(self, is_open: bool):
        """Open or close it."""
        self.is_open = bool(is_open)

    @rx.event
    async def set_version(self, version: str):
        """The version the run had, or the one there is now."""
        self.version = "current" if version == "current" else "same"
        await self._judge()

    @rx.event
    async def set_text(self, text: str):
        """Keep what was written in place of the value."""
        self.text = str(text)[:_LONGEST]
        await self._judge()

    @rx.event
    def answer(self, name: str, value: str | bool):
        """Keep one field of the inputs."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self._texts = {**self._texts, str(name)[:64]: text[:_LONGEST]}

    async def _judge(self) -> None:
        """Ask what the fork would keep, or why there can be none."""
        self.errors = {}
        try:
            wish = self._wish(must_fill=False)
            self.preview = fork_item(await self._read(describe_fork, **wish))
        except AppError as refused:
            self.preview, self.errors = ForkItem(), self._told(refused)

    def _told(self, refused: AppError) -> dict[str, str]:
        """The refusal under the fields it is about, or below them all where it is about none that is shown."""
        shown = {one.name for one in self.fields} | ({"value"} if self.asked.has_value else set[str]())
        own = {name: text for name, text in refused.fields.items() if name in shown}
        return own or {"": refused.message}

    def _wish(self, *, must_fill: bool = True) -> dict[str, Any]:
        asked = self.asked
        wish: dict[str, Any] = {"run_id": asked.run_id, "version": self.version, "how": "from", "node": asked.node}
        if asked.how in ("failed", "moment"):
            return {**wish, "how": asked.how, "node": "", "seq": asked.seq or None}
        if asked.how == "from":
            return {**wish, "iteration": asked.iteration}
        if asked.how == "given":
            return {**wish, "edits": [{"node": asked.node, "value": self._inputs(must_fill=must_fill)}]}
        edit = {"node": asked.node, "iteration": asked.iteration, "field": asked.how, "value": read_written(self.text, asked.is_plain)}
        if asked.how == "output":
            return {**wish, "how": "moment", "node": "", "edits": [edit]}
        return {**wish, "iteration": asked.iteration, "edits": [edit]}

    def _inputs(self, *, must_fill: bool) -> Any:
        if not self.fields:
            return read_written(self.text, self.asked.is_plain)
        answers, problems = typed_answers(self.fields, self._texts, must_fill=must_fill)
        if problems:
            raise Invalid("Check the inputs.", fields=problems)
        return answers

    @rx.event
    async def start(self):
        """Start the fork and go to it."""
        if self.is_starting:
            return
        self.is_starting = True
        yield
        try:
            row = await self._call(fork_run, **self._wish())
        except AppError as refused:
            self.errors = self._told(refused)
            return
        finally:
            self.is_starting = False
        self.is_open = False
        yield rx.redirect(f"/runs/{row.id}")
