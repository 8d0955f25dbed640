"""State of the form that starts a test run from the editor: the inputs, and whether it stays dry."""

from dataclasses import dataclass, replace
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services.runs import get_run_form, run_until, start_test_run
from app.services.workflows import check_workflow
from app.session import Bridge
from components import ui
from components.canvas.doubts import DOUBTS
from components.canvas.messages import post
from components.forms.answers import AnswerField, answer_fields, typed_answers
from engine.errors import Finding
from pages.run.where import workflow_id_of
from pages.workflow.run_state import EditorRunState, show_started


@dataclass(frozen=True)
class StartWish:
    """What is to be started: all of it, or only as far as a step; dry; with the demo model."""

    node: str = ""
    title: str = "Run this workflow"
    is_dry: bool = False
    is_demo: bool = False


class StartState(Bridge, rx.State):
    """What the person fills in before a run."""

    form_open: bool = False
    form_version: int = 0
    fields: list[AnswerField] = []
    errors: dict[str, str] = {}
    is_starting: bool = False
    wish: StartWish = StartWish()
    is_asking: bool = False  # whether to run all the same
    _texts: dict[str, str] = {}
    _typed_for: str = ""  # the workflow whose form was typed into

    @rx.var
    def has_example(self) -> bool:
        """Whether the start step says for any field what could stand there."""
        return any(field.placeholder for field in self.fields)

    def _workflow_id(self) -> str:
        return workflow_id_of(self.router.url.path)

    @rx.var
    def has_text(self) -> bool:
        """Whether any field holds something."""
        return any(self._texts.get(field.name, field.value) for field in self.fields)

    @rx.event
    async def open_form(self):
        """Ask for the inputs, or start at once when the workflow takes none."""
        return await self._consider(StartWish())

    @rx.event
    async def open_dry(self):
        """Ask for the inputs of a dry run; it is never started without saying what that means."""
        return await self._consider(StartWish(title="Dry run", is_dry=True))

    @rx.event
    async def go_on(self):
        """Run after the doubts were told, mended or not."""
        await self._prepare(self.wish)
        return self._open_or_start()

    @rx.event
    def set_asking(self, is_open: bool):
        """Close the question."""
        self.is_asking = bool(is_open) and self.is_asking

    async def _consider(self, wish: StartWish) -> Any:
        """A run begun here brings nothing along that the form does not ask for, so what it would fail of is told first."""
        await self._prepare(wish)
        found = await self._read(check_workflow, workflow_id=self._workflow_id())
        if errors := sum(one.severity == "error" for one in found):
            return post("problems", {"message": _stopped(found, errors)})
        self.is_asking = any(one.code in DOUBTS for one in found)
        return None if self.is_asking else self._open_or_start()

    def _open_or_start(self) -> Any:
        self.is_asking = False
        self.form_open = bool(self.fields) or self.wish.is_dry
        return None if self.form_open else StartState.start

    @rx.event
    async def open_until(self, node: str, label: str):
        """Ask for the inputs of a run that goes only as far as a step."""
        await self._prepare(StartWish(node=str(node)[:63], title=f"Run until “{str(label)[:120]}”"))
        self.form_open = True

    async def _prepare(self, wish: StartWish) -> None:
        """What was typed before the form was closed without a run stands there again."""
        raw = await self._read(get_run_form, workflow_id=self._workflow_id())
        typed = self._texts if self._typed_for == self._workflow_id() else {}
        self.fields = [replace(one, value=typed.get(one.name, one.value)) for one in answer_fields(raw)]
        self.errors, self._texts, self.wish = {}, dict(typed), wish

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
    def set_dry(self, is_on: bool):
        """Whether effects are stubbed."""
        self.wish = replace(self.wish, is_dry=bool(is_on), is_demo=self.wish.is_demo and bool(is_on))

    @rx.event
    def set_demo(self, is_on: bool):
        """Whether the demo model answers in place of the models of the steps."""
        self.wish = replace(self.wish, is_demo=bool(is_on))

    @rx.event
    def answer(self, name: str, value: str | bool):
        """Keep what was typed."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self._texts = {**self._texts, str(name)[:64]: text[:1_000_000]}
        self._typed_for = self._workflow_id()

    @rx.event
    async def start(self):
        """Start the run and follow it."""
        answers, self.errors = typed_answers(self.fields, self._texts)
        if self.errors or self.is_starting:
            return
        self.is_starting = True
        yield
        wish: dict[str, Any] = {"workflow_id": self._workflow_id(), "inputs": answers, "is_dry": self.wish.is_dry}
        wish["models"] = "demo" if self.wish.is_demo else "as_set"
        try:
            if self.wish.node:
                row = await self._call(run_until, node=self.wish.node, **wish)
            else:
                row = await self._call(start_test_run, **wish)
        except Invalid as refused:
            self.errors = refused.fields
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_starting = False
        self.form_open, self._texts = False, {}
        shown = await self.get_state(EditorRunState)
        show_started(shown, row)
        yield EditorRunState.follow


def _stopped(found: list[Finding], errors: int) -> str:
    """Why it is not started: the one thing in full, where nobody here can mend it, or how many there are."""
    unshared = [one for one in found if one.code in ("unknown_agent", "unknown_workflow") and "not shared with you" in one.message]
    if len(unshared) == errors:
        return f"{unshared[0].message} {unshared[0].remedy}"
    return f"Before it can run, {errors} problem{'s have' if errors > 1 else ' has'} to be mended."
