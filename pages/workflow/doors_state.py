"""State of what starts the open workflow, shown at its Start step: webhooks with their listener, and how many schedules and rules."""

from dataclasses import asdict

import reflex as rx

from app.core.errors import AppError
from app.services.rules import list_rules
from app.services.schedules import list_schedules
from app.services.webhooks import adopt_sample_fields, create_webhook, get_listening, get_webhook, list_webhooks
from app.services.workflows import changes_since
from app.wiring import get_wiring
from components.canvas.messages import post
from pages.webhook.listener import NO_PANEL, Listener
from pages.webhooks.present import MadeItem, WebhookView, curl_example, webhook_view

NO_VIEW = WebhookView()
NO_MADE = MadeItem()


class DoorsState(Listener, rx.State):
    """The webhooks to choose from, and the one that is shown."""

    choices: list[dict[str, str]] = []
    hook: WebhookView = NO_VIEW
    test_example: str = ""
    can_edit: bool = False
    summary: str = ""
    is_adding: bool = False
    made: MadeItem = NO_MADE

    def _webhook_id(self) -> str:
        return self.hook.item.id

    @rx.event
    async def open(self):
        """Read what starts the workflow; called when its Start step is chosen."""
        asked = {"workflow_id": self._address_id()}
        webhooks = await self._read(list_webhooks, **asked)
        timed = len((await self._read(list_schedules, **asked)).rows)
        rules = await self._read(list_rules, **asked)
        told = sum(1 for row in rules.rows if str(row.workflow_id) == asked["workflow_id"])
        self.choices, self.can_edit = [{"value": str(row.id), "label": row.name} for row in webhooks.rows], webhooks.can_edit
        self.summary = _summary(len(webhooks.rows), timed, told)
        ids = [choice["value"] for choice in self.choices]
        return await self._choose(self._webhook_id() if self._webhook_id() in ids else next(iter(ids), ""))

    @rx.event
    async def choose(self, webhook_id: str):
        """Show another webhook."""
        return await self._choose(str(webhook_id)[:64])

    async def _choose(self, webhook_id: str):
        if not webhook_id:
            self.hook, self.test_example, self.is_on, self.caught = NO_VIEW, "", False, NO_PANEL
            self.sample, self.has_sample = {}, False
            return None
        detail = await self._read(get_webhook, webhook_id=webhook_id)
        self.hook = webhook_view(detail, now=get_wiring().ports.clock.now())
        self.test_example = curl_example(detail, url=detail.test_url)
        self._hear(await self._read(get_listening, webhook_id=webhook_id))
        return DoorsState.watch if self.is_on else None

    @rx.event
    async def add(self):
        """Make a webhook with a secret, and show both once."""
        if self.is_adding:
            return
        self.is_adding = True
        yield
        try:
            made = await self._call(create_webhook, workflow_id=self._address_id(), settings={"auth": "secret"})
        except AppError as refused:
            yield rx.toast.error(refused.message)
            return
        finally:
            self.is_adding = False
        detail = made.detail
        example = curl_example(detail, secret=made.secret)
        self.made = MadeItem(detail.row.name, "", detail.url, made.secret, example)
        self.hook = webhook_view(detail, now=get_wiring().ports.clock.now())
        yield DoorsState.open

    @rx.event
    def set_shown(self, is_open: bool):
        """Close the dialog with the secret; it is not kept."""
        if is_open is not True:
            self.made = NO_MADE

    @rx.event
    async def adopt(self, revision: int):
        """Ask for the sample's fields in the start step; the open editor shows them at once and can undo it."""
        try:
            names = await self._call(adopt_sample_fields, webhook_id=self._webhook_id())
            news = await self._read(changes_since, workflow_id=self._address_id(), revision=revision, tab="")
        except AppError as refused:
            return rx.toast.error(refused.message)
        if not names:
            return rx.toast.info("The Start step asks for all of these fields already.")
        told = {key: value for key, value in asdict(news).items() if value is not None}
        taken = post("taken", {"result": told, "title": "Take the fields of a request"})
        return [taken, rx.toast.success(f"Added to the inputs: {', '.join(names)}.")]


def _summary(webhooks: int, schedules: int, rules: int) -> str:
    counted = ((webhooks, "webhook"), (schedules, "schedule"), (rules, "event rule"))
    return ", ".join(["Run", "API", *(f"{count} {word}{'s' if count > 1 else ''}" for count, word in counted if count)])
