"""Receivers of outgoing webhooks for tests: endpoints in SQL, and a local server that remembers what it got."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook

from app.adapters.http_addresses import OutboundAddresses
from app.core.clock import SystemClock
from app.core.uow import Actor, UnitOfWork
from app.services import outgoing
from app.services.announcements import EVENTS
from app.views.outgoing import MadeEndpoint, MessageRow
from app.wiring import Wiring
from engine.json import JsonObject

URL = "https://receiver.example/hooks?key=abc"


def make_endpoint(uow: UnitOfWork, **settings: Any) -> MadeEndpoint:
    """An endpoint that hears of everything, unless the settings say otherwise."""
    return outgoing.create_endpoint(uow, settings={"name": "Receiver", "url": URL, "events": list(EVENTS), **settings})


def open_world(wiring: Wiring) -> Wiring:
    """The same parts on the real clock, with loopback addresses allowed."""
    return replace(wiring, ports=replace(wiring.ports, clock=SystemClock(), addresses=OutboundAddresses(allow_private=True)))


def messages_of(wiring: Wiring, actor: Actor, endpoint_id: object) -> tuple[MessageRow, ...]:
    """The log as it stands."""
    with wiring.unit(actor, write=False) as uow:
        return outgoing.list_messages(uow, endpoint_id=endpoint_id).rows


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        """Its webhook-id."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> JsonObject:
        """The payload, checked by the Standard Webhooks library."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers with `status` (or what `answers` gives next) after `delay_s`."""

    status: int = 204
    answers: list[web.Response] = field(default_factory=list[web.Response])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    text: str = ""
    delay_s: float = 0.0
    got: list[Received] = field(default_factory=list[Received])
    most_at_once: int = 0
    on_call: Callable[[], None] = lambda: None
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def answer(self, request: web.Request) -> web.Response:
        """Remember and answer."""
        body = await request.read()
        with self._lock:
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            self.got.append(Received({name.lower(): value for name, value in request.headers.items()}, body))
        self.on_call()
        await asyncio.sleep(self.delay_s)
        with self._lock:
            self._now -= 1
        if self.answers:
            return self.answers.pop(0)
        return web.Response(status=self.status, headers=self.headers, text=self.text or None)
