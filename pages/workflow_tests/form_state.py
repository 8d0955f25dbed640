"""State of the form of one test: its name, inputs, answers to approvals, ending and expectations."""

import json
from dataclasses import replace
from typing import Any

import reflex as rx

from app.core.errors import Invalid
from app.services import workflow_tests
from app.session import Bridge
from components import ui
from components.forms.answers import AnswerField, answer_fields, as_text, typed_answers
from engine.json import JsonObject
from pages.workflow_tests.present import RULES, ApprovalItem, CheckItem, approval_items, check_items, value_of
from pages.workflow_tests.state import WorkflowTestsState

MAX_CHECKS = 100


class TestFormState(Bridge, rx.State):
    """The open form; `fields` are the workflow's inputs."""

    __test__ = False

    is_open: bool = False
    is_old: bool = False
    name: str = ""
    ends: str = "succeeded"
    fields: list[AnswerField] = []
    approvals: list[ApprovalItem] = []
    checks: list[CheckItem] = []
    stubs: str = ""
    errors: dict[str, str] = {}
    revision: int = 0
    _test_id: str = ""
    _texts: dict[str, str] = {}

    @rx.event
    async def open_blank(self):
        """Begin a test with the examples of the inputs."""
        await self._open("", {"name": "", "checks": [{"rule": "present"}]})

    @rx.event
    async def edit(self, test_id: str):
        """Open a test."""
        await self._open(str(test_id)[:40], None)

    async def _open(self, test_id: str, content: JsonObject | None) -> None:
        page = await self.get_state(WorkflowTestsState)
        found = await self._read(workflow_tests.list_tests, workflow_id=page._workflow_id())
        if content is None:
            content = next((row.content for row in found.rows if row.id == test_id), None)
        if content is None:
            raise Invalid("This test was deleted meanwhile. Load the page again.")
        inputs: JsonObject = content.get("inputs") or {}
        is_blank = not test_id
        fields = [{**raw, "value": inputs.get(raw["name"], raw.get("example") if is_blank else None)} for raw in found.fields]
        self.fields = answer_fields(fields)
        self._texts = {item.name: as_text(fields[index]["value"], item.type) for index, item in enumerate(self.fields)}
        self.approvals = approval_items(found.approvals, content.get("answers") or {})
        self.checks = check_items(content.get("checks") or [])
        self.stubs = json.dumps(content["stubs"], ensure_ascii=False, indent=2) if content.get("stubs") else ""
        self.name, self.ends, self.errors = str(content.get("name", "")), str(content.get("ends", "succeeded")), {}
        self._test_id, self.is_old, self.is_open, self.revision = test_id, bool(test_id), True, self.revision + 1

    @rx.event
    def set_open(self, is_open: bool):
        """Open or close the form."""
        self.is_open = bool(is_open)

    @rx.event
    def set_part(self, part: str, text: str):
        """Keep the name, the ending or the stand-ins as typed."""
        if part in ("name", "ends", "stubs"):
            setattr(self, part, str(text)[:100_000])

    @rx.event
    def answer(self, name: str, value: str | bool):
        """Keep an input as typed."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self._texts = {**self._texts, str(name)[:64]: text[:1_000_000]}

    @rx.event
    def press(self, node: str, button: str):
        """Choose the button for an approval."""
        self.approvals = [replace(one, chosen=str(button)[:63]) if one.id == node else one for one in self.approvals]

    @rx.event
    def add_check(self):
        """Expect one thing more."""
        if len(self.checks) < MAX_CHECKS:
            uid = max((one.uid for one in self.checks), default=-1) + 1
            self.checks = [*self.checks, CheckItem(uid, "", "equals", "")]

    @rx.event
    def drop_check(self, uid: int):
        """Expect one thing less."""
        self.checks = [one for one in self.checks if one.uid != uid]

    @rx.event
    def set_check(self, uid: int, part: str, text: str):
        """Keep a cell of an expectation."""
        if part == "rule" and text not in dict(RULES):
            return
        if part in ("at", "rule", "text"):
            kept = str(text)[:20_000]
            self.checks = [replace(one, **{part: kept}, problem="") if one.uid == uid else one for one in self.checks]

    @rx.event
    async def save(self):
        """Store the test."""
        page = await self.get_state(WorkflowTestsState)
        content, self.errors = self._content()
        if self.errors:
            return
        try:
            await self._call(workflow_tests.save_test, workflow_id=page._workflow_id(), test_id=self._test_id, content=content)
        except Invalid as refused:
            self.errors = refused.fields
            self.checks = [replace(one, problem=_problem(refused.fields, index)) for index, one in enumerate(self.checks)]
            yield ui.focus_first_error()
            return
        self.is_open = False
        yield WorkflowTestsState.load

    def _content(self) -> tuple[JsonObject, dict[str, str]]:
        inputs, errors = typed_answers(self.fields, self._texts, must_fill=False)
        errors = {f"inputs.{name}": words for name, words in errors.items()}
        if not self.name.strip():
            errors["name"] = "Give the test a name."
        stubs: Any = {}
        if self.stubs.strip():
            stubs = value_of(self.stubs)
            if not isinstance(stubs, dict):
                errors["stubs"] = 'Write an object of steps, such as {"lookup": {"output": {"status": 200}}}.'
        checks: list[JsonObject] = [
            {"at": one.at.strip(), "rule": one.rule} | ({} if one.rule in ("present", "absent") else {"value": value_of(one.text)})
            for one in self.checks
        ]
        answers = {one.id: one.chosen for one in self.approvals if one.chosen}
        return {
            "name": self.name.strip(),
            "inputs": inputs,
            "answers": answers,
            "stubs": stubs,
            "ends": self.ends,
            "checks": checks,
        }, errors


def _problem(fields: dict[str, str], index: int) -> str:
    return next((words for name, words in fields.items() if name.startswith(f"checks.{index}")), "")
