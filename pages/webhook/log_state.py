"""State of the delivery log: filters, pages, one opened delivery, replay."""

from contextlib import suppress

import reflex as rx

from app.core.errors import AppError
from app.services.webhooks import get_delivery, list_deliveries, replay_delivery, use_as_sample
from app.wiring import get_wiring
from pages.listing import Log
from pages.webhook.log_present import DeliveryItem, DeliveryPanel, delivery_item, delivery_panel

FILTERS = (("all", "All"), ("accepted", "Taken"), ("refused", "Refused"), ("duplicate", "Repeats"), ("captured", "Tests"))
NO_PANEL = DeliveryPanel()


class WebhookLogState(Log, rx.State):
    """The log of the webhook that the address names."""

    rows: list[DeliveryItem] = []
    verdict: str = "all"
    panel: DeliveryPanel = NO_PANEL
    is_replaying: bool = False

    async def _page(self, cursor: str = "") -> list[DeliveryItem]:
        verdict = "" if self.verdict == "all" else self.verdict
        page = await self._read(list_deliveries, webhook_id=self._address_id(), verdict=verdict, search=self.search, cursor=cursor)
        self.next_cursor = page.next_cursor
        now = get_wiring().ports.clock.now()
        return [delivery_item(row, now=now) for row in page.rows]

    @rx.event
    async def open(self) -> None:
        """Show the newest."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            await self._fetch()
        self.is_loading = False

    @rx.event
    async def renew(self) -> None:
        """Look again."""
        await self._fetch()

    @rx.event
    async def choose_verdict(self, verdict: str) -> None:
        """Show some only."""
        self.verdict = verdict if verdict in dict(FILTERS) else "all"
        await self._fetch()

    @rx.event
    async def choose(self, delivery_id: str):
        """Open one."""
        detail = await self._read(get_delivery, delivery_id=delivery_id)
        self.panel = delivery_panel(detail, now=get_wiring().ports.clock.now())

    @rx.event
    def set_open(self, is_open: bool):
        """Close the opened one."""
        if is_open is not True:
            self.panel = NO_PANEL

    @rx.event
    async def replay(self):
        """Start a run from the opened delivery."""
        self.is_replaying = True
        yield
        try:
            run = await self._call(replay_delivery, delivery_id=self.panel.item.id)
        except AppError as refused:
            yield rx.toast.error(refused.message)
            return
        finally:
            self.is_replaying = False
        self.panel = NO_PANEL
        await self._fetch()
        yield [rx.toast.success("Delivered again."), rx.redirect(f"/runs/{run.id}")]

    @rx.event
    async def take_sample(self):
        """Use the opened delivery as the sample."""
        await self._call(use_as_sample, delivery_id=self.panel.item.id)
        self.panel = NO_PANEL
        return rx.toast.success("This request is the sample now. The Test tab shows it.")
