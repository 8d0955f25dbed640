"""State of the form that makes or edits a schedule; what is typed is shown back in words and moments before it is saved."""

from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from app.core.errors import AppError, Invalid, NotSignedIn
from app.services.runs import get_run_form
from app.services.schedules import create_schedule, describe_timing, get_schedule, update_schedule
from app.services.workflows import list_workflows
from app.session import Bridge
from app.views.schedules import ScheduleDetail
from components import ui
from components.forms.answers import AnswerField, answer_fields, typed_answers
from engine.json import JsonObject
from pages.schedule.present import NextFire, next_fires

_ZONE = "Intl.DateTimeFormat().resolvedOptions().timeZone"
TEXTS = ("workflow_id", "name", "wording", "time_zone", "starts_on", "ends_on", "missed", "most_missed", "overlap")
_FRESH = {**dict.fromkeys(TEXTS, ""), "time_zone": "UTC", "missed": "one", "most_missed": "5", "overlap": "skip"}
_NO_ERRORS = {**dict.fromkeys(TEXTS, ""), "inputs": "", "schedule": ""}
_TIMING = ("wording", "time_zone", "starts_on", "ends_on")


class ScheduleFormState(Bridge, rx.State):
    """What is filled in; the address says which schedule it is, or `new`."""

    values: dict[str, str] = _FRESH
    errors: dict[str, str] = _NO_ERRORS
    workflows: list[dict[str, str]] = []
    fields: list[AnswerField] = []
    said: str = ""
    cron: str = ""
    upcoming: list[NextFire] = []
    is_edit: bool = False
    is_loading: bool = True
    is_saving: bool = False
    problem: str = ""
    _answers: dict[str, Any] = {}

    def _schedule_id(self) -> str:
        parts = self.router.url.path.rstrip("/").split("/")
        return parts[-2] if parts[-1] == "edit" else ""

    @rx.event
    async def load(self) -> Any:
        """Fill the form from the schedule, or start a fresh one in the zone of the browser."""
        self.reset()
        self.is_edit = self._schedule_id() != ""
        try:
            page = await self._read(list_workflows, sort="name", limit=200)
            self.workflows = [{"value": str(card.id), "label": card.name} for card in page.items]
            if self.is_edit:
                await self._fill(await self._read(get_schedule, schedule_id=self._schedule_id()))
                return None
            wanted = self.router.url.query_parameters.get("workflow", "")[:64]
            if any(choice["value"] == wanted for choice in self.workflows):
                self.values = {**self.values, "workflow_id": wanted}
                await self._ask_inputs()
        except NotSignedIn:
            raise
        except AppError as refused:
            self.problem = refused.message
            return None
        finally:
            self.is_loading = False
        return rx.call_script(_ZONE, callback=ScheduleFormState.take_zone)

    async def _fill(self, detail: ScheduleDetail) -> None:
        row = detail.row
        self.values = {
            "workflow_id": str(row.workflow_id),
            "name": row.name,
            "wording": row.wording,
            "time_zone": row.time_zone,
            "starts_on": detail.starts_on.isoformat() if detail.starts_on else "",
            "ends_on": detail.ends_on.isoformat() if detail.ends_on else "",
            "missed": detail.missed,
            "most_missed": str(detail.most_missed),
            "overlap": detail.overlap,
        }
        if row.is_workflow_deleted:
            self.workflows = [{"value": self.values["workflow_id"], "label": f"{row.workflow_name} (deleted)"}, *self.workflows]
        await self._ask_inputs(detail.inputs)
        await self._preview()

    async def _ask_inputs(self, known: JsonObject | None = None) -> None:
        """The form of the workflow; a start form that cannot be read leaves the fields out and says so when saved."""
        self._answers = {}
        try:
            raw = await self._read(get_run_form, workflow_id=self.values["workflow_id"])
        except AppError:
            self.fields = []
            return
        self.fields = answer_fields([{**one, "value": (known or {}).get(str(one.get("name")), one.get("default"))} for one in raw])

    @rx.event
    def take_zone(self, name: object) -> None:
        """The zone of the browser is the first choice."""
        if isinstance(name, str) and 0 < len(name) <= 64 and self.values["time_zone"] == "UTC":
            self.values = {**self.values, "time_zone": name}

    @rx.event
    async def set_value(self, name: str, value: str) -> None:
        """Keep what was typed; a change of the timing is shown back."""
        if name not in TEXTS:
            return
        self.values = {**self.values, name: str(value)[:400]}
        self.errors = {**self.errors, name: ""}
        if name == "workflow_id":
            await self._ask_inputs()
        if name in _TIMING and self.values["wording"].strip():
            await self._preview()

    async def _preview(self) -> None:
        self.said, self.cron, self.upcoming = "", "", []
        cleared = {**self.errors, **dict.fromkeys(_TIMING, "")}
        try:
            found = await self._read(describe_timing, **{name: self.values[name] for name in _TIMING})
        except Invalid as refused:
            self.errors = {**cleared, **refused.fields}
            return
        self.errors = cleared
        self.said, self.cron = found.said, found.cron
        self.upcoming = next_fires(found, ZoneInfo(self.values["time_zone"]))

    @rx.event
    def answer(self, name: str, value: str | bool) -> None:
        """Keep an input of the workflow."""
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        self._answers = {**self._answers, str(name)[:64]: text[:100_000]}

    @rx.event
    async def save(self) -> Any:
        """Create or change the schedule, and go to its page."""
        inputs, wrong = typed_answers(self.fields, self._answers)
        if self.is_saving:
            return
        self.is_saving, self.errors = True, _NO_ERRORS
        yield
        most = self.values["most_missed"].strip()
        draft: dict[str, Any] = {**self.values, "inputs": inputs, "most_missed": int(most) if most.isdecimal() else most}
        try:
            if wrong:
                raise Invalid("Check the marked fields.", fields={f"inputs.{name}": text for name, text in wrong.items()})
            row = await self._save(draft)
        except Invalid as refused:
            self.errors = {**_NO_ERRORS, **refused.fields}
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_saving = False
        yield rx.redirect(f"/triggers/schedules/{row.id}")

    async def _save(self, draft: dict[str, Any]) -> Any:
        if not self.is_edit:
            return await self._call(create_schedule, schedule=draft)
        detail = await self._read(get_schedule, schedule_id=self._schedule_id())
        draft["is_enabled"] = detail.row.is_enabled
        return await self._call(update_schedule, schedule_id=self._schedule_id(), schedule=draft)
