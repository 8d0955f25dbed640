"""State of an endpoint's log: filters, pages, one opened message, sending again, and a test by hand."""

import asyncio
from contextlib import suppress

import reflex as rx

from app.core.errors import AppError
from app.services.announcements import EVENTS, TEST
from app.services.outgoing import get_message, list_messages, replay_message, send_test
from app.wiring import get_wiring
from pages.endpoint.log_present import MessageItem, MessagePanel, message_item, message_panel
from pages.listing import Log

FILTERS = (("all", "All"), ("pending", "Waiting"), ("delivered", "Delivered"), ("failed", "Given up"))
FOLLOWED = ("pending", "sending")
LOOK_S = 1.0
LOOKS = 60
NO_PANEL = MessagePanel()


class EndpointLogState(Log, rx.State):
    """The log of the endpoint that the address names."""

    rows: list[MessageItem] = []
    status: str = "all"
    panel: MessagePanel = NO_PANEL
    test_event: str = TEST
    _is_following: bool = False

    async def _page(self, cursor: str = "") -> list[MessageItem]:
        status = "" if self.status == "all" else self.status
        page = await self._read(list_messages, endpoint_id=self._address_id(), status=status, search=self.search, cursor=cursor)
        self.next_cursor = page.next_cursor
        now = get_wiring().ports.clock.now()
        return [message_item(row, now=now) for row in page.rows]

    async def _renew(self) -> None:
        await self._fetch()
        if self.panel.item.id:
            await self._open(self.panel.item.id)

    async def _open(self, message_id: str) -> None:
        detail = await self._read(get_message, message_id=message_id)
        self.panel = message_panel(detail, now=get_wiring().ports.clock.now())

    @rx.event
    async def open(self):
        """Show the newest."""
        self.reset()
        with suppress(AppError):  # the head of the page tells
            await self._renew()
        self.is_loading = False
        return EndpointLogState.follow

    @rx.event
    async def choose_status(self, status: str) -> None:
        """Show some only."""
        self.status = status if status in dict(FILTERS) else "all"
        await self._renew()

    @rx.event
    async def choose(self, message_id: str) -> None:
        """Open one."""
        await self._open(str(message_id))

    @rx.event
    def set_open(self, is_open: bool):
        """Close the opened one."""
        if is_open is not True:
            self.panel = NO_PANEL

    @rx.event
    def choose_event(self, event: str):
        """Which event a test shows."""
        self.test_event = event if event in (TEST, *EVENTS) else TEST

    @rx.event
    async def test(self):
        """Send a made-up message now and watch it."""
        detail = await self._call(send_test, endpoint_id=self._address_id(), event=self.test_event)
        self.panel = message_panel(detail, now=get_wiring().ports.clock.now())
        return EndpointLogState.follow

    @rx.event
    async def replay(self):
        """Send the opened message again."""
        await self._call(replay_message, message_id=self.panel.item.id)
        return EndpointLogState.follow

    @rx.event(background=True)
    async def follow(self):
        """Look once a second for a minute while something waits and the person stays."""
        async with self:
            if self._is_following:
                return
            self._is_following, endpoint_id = True, self._address_id()
        for _ in range(LOOKS):
            async with self:
                try:
                    is_here = self._address_id() == endpoint_id
                    if is_here:
                        await self._renew()
                    if not is_here or not any(row.status in FOLLOWED for row in self.rows):
                        break
                except AppError:
                    break
            await asyncio.sleep(LOOK_S)
        async with self:
            self._is_following = False
