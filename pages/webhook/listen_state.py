"""State of the test listener: waits for the next request, shows it, and takes it as the workflow's inputs."""

import asyncio
from contextlib import suppress

import reflex as rx

from app.core.errors import AppError
from app.services.webhooks import adopt_sample_fields, get_listening, start_listening, stop_listening
from app.session import Bridge
from app.views.webhooks import Listening
from app.wiring import get_wiring
from pages.webhook.log_present import DeliveryPanel, delivery_panel

LOOK_S = 1.0
NO_PANEL = DeliveryPanel()


class WebhookListenState(Bridge, rx.State):
    """Whether it listens, and what it caught."""

    is_on: bool = False
    starts_run: bool = False
    caught: DeliveryPanel = NO_PANEL
    sample: dict = {}  # type: ignore[type-arg]
    has_sample: bool = False
    _is_watching: bool = False

    def _show(self, listening: Listening) -> None:
        self.is_on = listening.is_on
        now = get_wiring().ports.clock.now()
        self.caught = delivery_panel(listening.caught, now=now) if listening.caught else NO_PANEL
        self.sample, self.has_sample = listening.sample or {}, bool(listening.sample)

    @rx.event
    async def open(self):
        """Show how it stands."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            self._show(await self._read(get_listening, webhook_id=self._address_id()))
        if self.is_on:
            return WebhookListenState.watch
        return None

    @rx.event
    def set_starts_run(self, is_on: bool):
        """Whether a test request also starts a run."""
        self.starts_run = is_on is True

    @rx.event
    async def listen(self):
        """Open the test address."""
        self._show(await self._call(start_listening, webhook_id=self._address_id(), starts_run=self.starts_run))
        return WebhookListenState.watch

    @rx.event
    async def stop(self) -> None:
        """Close the test address."""
        self._show(await self._call(stop_listening, webhook_id=self._address_id()))

    @rx.event
    async def adopt(self):
        """Ask for the sample's fields in the start step."""
        try:
            names = await self._call(adopt_sample_fields, webhook_id=self._address_id())
        except AppError as refused:
            return rx.toast.error(refused.message)
        if not names:
            return rx.toast.info("The Start step asks for all of these fields already.")
        return rx.toast.success(f"Added to the Start step: {', '.join(names)}.")

    @rx.event(background=True)
    async def watch(self):
        """Look once a second while it listens and the person stays."""
        async with self:
            if self._is_watching:
                return
            self._is_watching = True
            webhook_id = self._address_id()
        while True:
            await asyncio.sleep(LOOK_S)
            async with self:
                try:
                    if self._address_id() != webhook_id or not self.is_on:
                        break
                    self._show(await self._read(get_listening, webhook_id=webhook_id))
                except AppError:
                    break
        async with self:
            self._is_watching = False
