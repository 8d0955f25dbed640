"""State of the form that makes or edits an event rule."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.rules import create_rule, get_rule, update_rule
from app.services.runs import get_run_form
from app.services.workflows import list_workflows
from app.views.rules import RuleDetail
from app.wiring import get_wiring
from components import ui
from components.forms.answers import AnswerField, answer_fields
from pages.loading import Loading
from pages.triggers.rules_present import EVENTS, RuleFireItem, rule_fire_item

TEXTS = ("name", "kind", "source_id", "workflow_id", "button", "condition")
_FRESH = {**dict.fromkeys(TEXTS, ""), "kind": "run_failed"}
_NO_ERRORS = {**dict.fromkeys(TEXTS, ""), "rule": "", "mapping": ""}


class EventRuleState(Loading, rx.State):
    """What is filled in; the address says which rule it is, or `new`."""

    values: dict[str, str] = _FRESH
    mapping: dict[str, str] = {}
    errors: dict[str, str] = _NO_ERRORS
    workflows: list[dict[str, str]] = []
    fields: list[AnswerField] = []
    fires: list[RuleFireItem] = []
    note: str = ""
    is_edit: bool = False
    is_saving: bool = False

    def _rule_id(self) -> str:
        last = self._address_id()
        return "" if last == "new" else last

    @rx.event
    async def load(self) -> None:
        """Fill the form from the rule, or start a fresh one."""
        self.reset()
        self.is_edit = self._rule_id() != ""
        with self._loading():
            page = await self._read(list_workflows, sort="name", limit=200)
            self.workflows = [{"value": str(card.id), "label": card.name} for card in page.items]
            if self.is_edit:
                await self._fill(await self._read(get_rule, rule_id=self._rule_id()))

    async def _fill(self, detail: RuleDetail) -> None:
        row, now = detail.row, get_wiring().ports.clock.now()
        self.values = {
            "name": row.name,
            "kind": row.kind,
            "source_id": str(row.source_id or ""),
            "workflow_id": str(row.workflow_id),
            "button": detail.button,
            "condition": detail.condition,
        }
        self.mapping = {name: str(text) for name, text in detail.mapping.items()}
        self.note = row.disabled_reason
        self.fires = [rule_fire_item(fire, now=now) for fire in detail.fires]
        if row.is_workflow_deleted:
            self.workflows = [{"value": self.values["workflow_id"], "label": f"{row.workflow} (deleted)"}, *self.workflows]
        await self._ask_inputs()

    async def _ask_inputs(self) -> None:
        try:
            self.fields = answer_fields(await self._read(get_run_form, workflow_id=self.values["workflow_id"]))
        except AppError:
            self.fields = []
        self.mapping = {field.name: self.mapping.get(field.name, "") for field in self.fields}

    @rx.event
    async def set_value(self, name: str, value: str) -> None:
        """Keep what was typed or chosen."""
        if name not in TEXTS or (name == "kind" and value not in EVENTS):
            return
        self.values = {**self.values, name: str(value)[:5000]}
        self.errors = {**self.errors, name: ""}
        if name == "workflow_id":
            await self._ask_inputs()

    @rx.event
    def set_mapped(self, name: str, text: str) -> None:
        """Keep the template of an input."""
        if name in self.mapping:
            self.mapping = {**self.mapping, name: str(text)[:5000]}
            self.errors = {**self.errors, f"mapping.{name}": ""}

    @rx.event
    async def save(self) -> Any:
        """Create or change the rule, and go back to the list."""
        if self.is_saving:
            return
        self.is_saving, self.errors = True, _NO_ERRORS
        yield
        draft: dict[str, Any] = {**self.values, "mapping": self.mapping}
        try:
            if self.is_edit:
                detail = await self._read(get_rule, rule_id=self._rule_id())
                draft["is_enabled"] = detail.row.is_enabled
                await self._call(update_rule, rule_id=self._rule_id(), rule=draft)
            else:
                await self._call(create_rule, rule=draft)
        except Invalid as refused:
            self.errors = {**_NO_ERRORS, **refused.fields}
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_saving = False
        yield rx.redirect("/triggers/events")
