"""What listening for a test request needs, wherever somebody listens: the page of the webhook, and the Start step in the editor."""

import asyncio

import reflex as rx

from app.core.errors import AppError
from app.services.webhooks import get_listening, start_listening, stop_listening
from app.session import Bridge
from app.views.webhooks import Listening
from app.wiring import get_wiring
from pages.webhook.log_present import DeliveryPanel, delivery_panel

LOOK_S = 1.0
NO_PANEL = DeliveryPanel()


class Listener(Bridge, mixin=True):
    """Whether it listens, and what it caught. The state that mixes it in says to which webhook by `_webhook_id`."""

    is_on: bool = False
    starts_run: bool = False
    caught: DeliveryPanel = NO_PANEL
    sample: dict = {}  # type: ignore[type-arg]
    has_sample: bool = False
    _is_watching: bool = False

    def _webhook_id(self) -> str:
        raise NotImplementedError

    def _hear(self, listening: Listening) -> None:
        self.is_on = listening.is_on
        now = get_wiring().ports.clock.now()
        self.caught = delivery_panel(listening.caught, now=now) if listening.caught else NO_PANEL
        self.sample, self.has_sample = listening.sample or {}, bool(listening.sample)

    @rx.event
    def set_starts_run(self, is_on: bool):
        """Whether a test request also starts a run."""
        self.starts_run = is_on is True

    @rx.event
    async def listen(self):
        """Open the test address."""
        self._hear(await self._call(start_listening, webhook_id=self._webhook_id(), starts_run=self.starts_run))
        return type(self).watch

    @rx.event
    async def stop(self) -> None:
        """Close the test address."""
        self._hear(await self._call(stop_listening, webhook_id=self._webhook_id()))

    @rx.event(background=True)
    async def watch(self):
        """Look once a second while it listens and the person stays."""
        async with self:
            if self._is_watching:
                return
            self._is_watching = True
            place = (self._address_id(), self._webhook_id())
        while True:
            await asyncio.sleep(LOOK_S)
            async with self:
                try:
                    if (self._address_id(), self._webhook_id()) != place or not self.is_on:
                        break
                    self._hear(await self._read(get_listening, webhook_id=place[1]))
                except AppError:
                    break
        async with self:
            self._is_watching = False
