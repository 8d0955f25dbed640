"""State of a webhook's settings: a draft of texts, saved all at once."""

from contextlib import suppress
from typing import Any

import reflex as rx

from app.core.errors import AppError, Invalid
from app.services.webhooks import get_webhook, update_webhook
from app.session import Bridge
from app.views.webhooks import WebhookDetail
from components import ui
from pages.webhook.state import WebhookState

NAMES = ("name", "auth", "auth_header", "reply", "wait_s", "input_mode", "key_header", "max_bytes", "rate_per_minute")


class WebhookSettingsState(Bridge, rx.State):
    """What stands in the form."""

    draft: dict[str, str] = {}
    methods: list[str] = []
    mapping: dict[str, str] = {}
    fields: list[dict[str, str]] = []
    errors: dict[str, str] = {}
    is_dirty: bool = False
    is_saving: bool = False

    @rx.event
    async def open(self) -> None:
        """Fill the form."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            self._fill(await self._read(get_webhook, webhook_id=self._address_id()))

    def _fill(self, detail: WebhookDetail) -> None:
        stored = {"name": detail.row.name, "auth": detail.row.auth, "reply": detail.row.reply}
        self.draft = {name: str(stored.get(name, getattr(detail, name, ""))) for name in NAMES}
        self.methods, self.mapping = list(detail.methods), dict(detail.mapping)
        self.fields = [{"name": item.name, "label": item.label, "type": item.type} for item in detail.fields]
        self.errors, self.is_dirty = {}, False

    @rx.event
    def set_value(self, name: str, value: str):
        """Typing in a field."""
        if name in NAMES:
            self.draft = {**self.draft, name: str(value)}
            self.is_dirty = True

    @rx.event
    def toggle_method(self, method: str, is_on: bool):
        """Allow or refuse a method."""
        kept = [item for item in self.methods if item != method]
        self.methods = [*kept, str(method)] if is_on is True else kept
        self.is_dirty = True

    @rx.event
    def set_mapping(self, name: str, template: str):
        """The template of one input."""
        self.mapping = {**self.mapping, str(name): str(template)}
        self.is_dirty = True

    @rx.event
    async def discard(self) -> None:
        """Back to what is saved."""
        self._fill(await self._read(get_webhook, webhook_id=self._address_id()))

    @rx.event
    async def save(self, _form: dict[str, Any]):
        """Store all of it; a first secret is shown once."""
        settings = {**self.draft, "methods": list(self.methods), "mapping": dict(self.mapping)}
        self.errors, self.is_saving = {}, True
        yield
        try:
            made = await self._call(update_webhook, webhook_id=self._address_id(), settings=settings)
        except Invalid as refused:
            self.errors = refused.fields
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_saving = False
        self._fill(made.detail)
        yield [rx.toast.success("Saved."), WebhookState.show_made(made.secret)]
