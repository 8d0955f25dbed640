"""The fields of an endpoint, and the mixin of states that hold them; used by the dialog that makes one and by its settings."""

from typing import Any

import reflex as rx

from app.services.announcements import EVENTS
from app.services.workflows import list_workflows
from components import ui

MOST_CHOICES = 100
FIRST_EVENTS = ["run.succeeded", "run.failed"]


class EndpointForm(rx.State, mixin=True):
    """What stands in the form. The state that mixes it in is a Bridge as well."""

    name: str = ""
    url: str = ""
    events: list[str] = []
    workflow_ids: list[str] = []
    workflows: list[dict[str, str]] = []
    errors: dict[str, str] = {}

    @rx.event
    def set_name(self, name: str):
        """Typing the name."""
        self.name = str(name)

    @rx.event
    def set_url(self, url: str):
        """Typing the address."""
        self.url = str(url)

    @rx.event
    def toggle_event(self, event: str, is_on: bool):
        """Hear of an event, or not."""
        kept = [item for item in self.events if item != event]
        self.events = [*kept, str(event)] if is_on is True else kept

    @rx.event
    def toggle_workflow(self, workflow_id: str, is_on: bool):
        """Hear of a workflow; of none chosen means of all."""
        kept = [item for item in self.workflow_ids if item != workflow_id]
        self.workflow_ids = [*kept, str(workflow_id)] if is_on is True else kept

    def _settings(self) -> dict[str, Any]:
        return {"name": self.name, "url": self.url, "events": list(self.events), "workflow_ids": list(self.workflow_ids)}

    async def _read_workflows(self) -> None:
        page = await self._read(list_workflows, sort="name", limit=MOST_CHOICES)  # type: ignore[attr-defined]
        self.workflows = [{"value": str(card.id), "label": card.name} for card in page.items]


def endpoint_fields(state: Any) -> rx.Component:
    """Name, address, events, workflows."""
    return ui.stack(
        ui.text_field(
            "Name",
            name="endpoint-name",
            value=state.name,
            on_change=state.set_name,
            error=state.errors.get("name", ""),
            max_length=120,
            required=True,
        ),
        ui.text_field(
            "Address",
            name="endpoint-url",
            value=state.url,
            on_change=state.set_url,
            error=state.errors.get("url", ""),
            help="A public https address that answers with a status from 200 to 299.",
            placeholder="https://example.com/hooks/agent-factory",
            required=True,
            max_length=2000,
        ),
        _events(state),
        _workflows(state),
        gap=4,
    )


def _events(state: Any) -> rx.Component:
    boxes = [
        ui.checkbox(
            rx.el.span(title, " ", rx.el.code(event, class_name="af-muted af-mono")),
            name=f"event-{event.replace('.', '-')}",
            checked=state.events.contains(event),
            on_change=lambda is_on, event=event: state.toggle_event(event, is_on),
        )
        for event, title in EVENTS.items()
    ]
    return _group("Events", boxes, state.errors.get("events", ""))


def _workflows(state: Any) -> rx.Component:
    boxes = rx.foreach(state.workflows, lambda item: _workflow(state, item))
    note = ui.muted("None chosen: all of them, those to come as well.")
    return rx.cond(state.workflows.length() > 0, _group("Workflows", [note, boxes], state.errors.get("workflow_ids", "")))


def _workflow(state: Any, item: Any) -> rx.Component:
    box = rx.el.input(
        type="checkbox",
        checked=state.workflow_ids.contains(item["value"]),
        on_change=lambda is_on: state.toggle_workflow(item["value"], is_on),
        class_name="af-checkbox",
    )
    return rx.el.label(box, rx.el.span(item["label"]), class_name="af-row af-small")


def _group(title: str, children: list[Any], error: Any) -> rx.Component:
    told = rx.cond(error != "", rx.el.div(error, class_name="af-error", role="alert"))
    return rx.el.fieldset(
        rx.el.legend(title, class_name="af-label"), rx.el.div(*children, class_name="af-choice-list"), told, class_name="af-plain"
    )
