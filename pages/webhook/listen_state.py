"""State of the Test tab: the listener of the webhook that the address names, and taking what it caught as the workflow's inputs."""

from contextlib import suppress

import reflex as rx

from app.core.errors import AppError
from app.services.webhooks import adopt_sample_fields, get_listening
from pages.webhook.listener import Listener


class WebhookListenState(Listener, rx.State):
    """What stands on the tab."""

    def _webhook_id(self) -> str:
        return self._address_id()

    @rx.event
    async def open(self):
        """Show how it stands."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            self._hear(await self._read(get_listening, webhook_id=self._webhook_id()))
        if self.is_on:
            return WebhookListenState.watch
        return None

    @rx.event
    async def adopt(self):
        """Ask for the sample's fields in the start step."""
        try:
            names = await self._call(adopt_sample_fields, webhook_id=self._webhook_id())
        except AppError as refused:
            return rx.toast.error(refused.message)
        if not names:
            return rx.toast.info("The Start step asks for all of these fields already.")
        return rx.toast.success(f"Added to the Start step: {', '.join(names)}.")
