"""Waits, without holding a thread, until the run behind a webhook has an answer; SQL is asked, the live feed only says when."""

import asyncio
import threading
import uuid
from collections import Counter

from app.services import webhooks
from app.services.webhooks import Reception
from app.views.webhooks import Reply
from app.wiring import Wiring

LOOK_EVERY_S = 1.0
MOST_WAITING = 500
MOST_PER_WEBHOOK = 50


class Waiting:
    """How many callers of this process wait; one more than allowed is answered at once with 202."""

    def __init__(self, *, most: int, most_per_webhook: int) -> None:
        self._most, self._most_per_webhook = most, most_per_webhook
        self._held: Counter[uuid.UUID] = Counter()
        self._lock = threading.Lock()

    def acquire(self, webhook_id: uuid.UUID) -> bool:
        """Take a place, if there is one."""
        with self._lock:
            if self._held.total() >= self._most or self._held[webhook_id] >= self._most_per_webhook:
                return False
            self._held[webhook_id] += 1
            return True

    def release(self, webhook_id: uuid.UUID) -> None:
        """Give it back."""
        with self._lock:
            self._held[webhook_id] -= 1
            self._held += Counter()  # drops what is no longer held


WAITING = Waiting(most=MOST_WAITING, most_per_webhook=MOST_PER_WEBHOOK)


async def await_reply(wiring: Wiring, reception: Reception, *, timeout_s: float) -> Reply | None:
    """The answer, or None when it takes longer."""
    assert reception.run_id is not None
    loop = asyncio.get_running_loop()
    until, cursor, must_look = loop.time() + timeout_s, "0", True
    while True:
        if must_look:
            reply = await asyncio.to_thread(_look, wiring, reception.delivery_id)
            if reply is not None:
                return reply
        left = until - loop.time()
        if left <= 0:
            return None
        updates = await wiring.ports.live.read(reception.run_id, cursor=cursor, wait_s=min(left, LOOK_EVERY_S))
        cursor = updates[-1].cursor if updates else cursor
        must_look = not updates or any(update.kind == "journal" for update in updates)


def _look(wiring: Wiring, delivery_id: uuid.UUID) -> Reply | None:
    with wiring.unit(write=False) as uow:
        return webhooks.read_reply(uow, delivery_id=delivery_id)
