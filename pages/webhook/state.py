"""State of one webhook: its head, address and secrets, and what may be done to it."""

from typing import ClassVar

import reflex as rx

from app.core.errors import AppError
from app.services.webhooks import (
    delete_webhook,
    get_webhook,
    pause_webhook,
    revoke_secret,
    rotate_address,
    rotate_secret,
    take_over_webhook,
)
from app.views.webhooks import MadeWebhook, WebhookDetail
from app.wiring import get_wiring
from pages.one_of import OneOf
from pages.webhooks.present import MadeItem, WebhookView, curl_example, webhook_view

TABS = (("log", "Log"), ("test", "Test"), ("settings", "Settings"))
NO_VIEW = WebhookView()
NO_MADE = MadeItem()


class WebhookState(OneOf, rx.State):
    """The webhook that the address names."""

    TABS: ClassVar = TABS
    QUESTIONS: ClassVar = ("address", "secret", "delete")

    hook: WebhookView = NO_VIEW
    made: MadeItem = NO_MADE
    tab: str = "log"

    def _show(self, detail: WebhookDetail) -> None:
        self.hook = webhook_view(detail, now=get_wiring().ports.clock.now())

    @rx.event
    async def load(self):
        """Show it."""
        self.reset()
        try:
            self._show(await self._read(get_webhook, webhook_id=self._address_id()))
        except AppError as refused:
            self.problem, self.is_loading = refused.message, False
            return
        self.is_loading = False

    @rx.event
    async def refresh(self):
        """Read its head again."""
        self._show(await self._read(get_webhook, webhook_id=self._address_id()))

    @rx.event
    def set_shown(self, is_open: bool):
        """Close the dialog with what is told once."""
        if is_open is not True:
            self.made = NO_MADE

    @rx.event
    async def set_paused(self, is_paused: bool):
        """Stop taking requests, or take them again."""
        self._show(await self._call(pause_webhook, webhook_id=self._address_id(), is_paused=is_paused is True))
        return rx.toast.success("Paused. Callers get 404 until you resume." if is_paused is True else "Resumed.")

    @rx.event
    async def take_over(self):
        """Its runs belong to me from now on."""
        self._show(await self._call(take_over_webhook, webhook_id=self._address_id()))
        return rx.toast.success("Runs of this webhook are yours from now on.")

    @rx.event
    async def new_address(self):
        """Replace the address."""
        self.asked = ""
        detail = await self._call(rotate_address, webhook_id=self._address_id())
        self._show(detail)
        self.made = MadeItem(url=detail.url, example=curl_example(detail))

    @rx.event
    async def new_secret(self):
        """Replace the secret."""
        self.asked = ""
        self._tell(await self._call(rotate_secret, webhook_id=self._address_id()))

    def _tell(self, made: MadeWebhook) -> None:
        self._show(made.detail)
        self.made = MadeItem(secret=made.secret, example=curl_example(made.detail, secret=made.secret))

    @rx.event
    async def end_secret(self, secret_id: str):
        """End a replaced secret now."""
        self._show(await self._call(revoke_secret, webhook_id=self._address_id(), secret_id=secret_id))
        return rx.toast.success("The replaced secret no longer counts.")

    @rx.event
    async def delete(self):
        """Delete it and go back to the list."""
        self.asked = ""
        await self._call(delete_webhook, webhook_id=self._address_id())
        return [rx.toast.success("Deleted. The address is gone."), rx.redirect("/triggers/webhooks")]

    @rx.event
    async def show_made(self, secret: str):
        """A changed way of proof made a first secret; the settings say so."""
        detail = await self._read(get_webhook, webhook_id=self._address_id())
        self._show(detail)
        if secret:
            self.made = MadeItem(secret=str(secret)[:200], example=curl_example(detail, secret=str(secret)[:200]))
