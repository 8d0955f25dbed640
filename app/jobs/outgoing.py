"""Sends what endpoints are owed, inside each worker process: a look at SQL about once a second, and at once after each success.

A claim takes a lease; a sender that dies leaves it to run out and another one sends the message again, under the same id.
"""

import asyncio
import logging
import random
import uuid
from collections import Counter
from collections.abc import Sequence

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.core.ports import SecretBox
from app.jobs.looking import RepeatedLook
from app.jobs.posting import post_message
from app.services.audit import forget_old_entries, has_old
from app.services.outgoing.sending import (
    PER_ENDPOINT,
    Outcome,
    Owed,
    claim_due,
    expire_old,
    forget_old,
    has_due,
    has_late,
    record_outcome,
    release,
)
from engine.ports import HttpClient
from models.base import utc_now

log = logging.getLogger(__name__)
ROOM = 64  # messages on their way at once in one process
TIDY_EVERY = 600  # looks between two clean-ups, about ten minutes


class WebhookSender(RepeatedLook):
    """Claims in a thread, sends in the loop."""

    def __init__(self, database: Engine, *, http: HttpClient, box: SecretBox, owner: str) -> None:
        super().__init__(self._forget)
        self._database = database
        self._http = http
        self._box = box
        self._owner = owner
        self._looks = random.randrange(TIDY_EVERY)  # noqa: S311 - spreads processes, no secret
        self._sending: dict[uuid.UUID, tuple[Owed, asyncio.Task[None]]] = {}

    async def stop(self) -> None:
        """End; what is under way is cut and due again at once, for another worker."""
        await super().stop()
        cut = list(self._sending.values())
        for _, task in cut:
            task.cancel()
        await asyncio.gather(*(task for _, task in cut), return_exceptions=True)
        if cut:
            try:
                await asyncio.to_thread(self._release, [owed for owed, _ in cut])
            except SQLAlchemyError as error:
                log.warning("messages of webhooks were not handed on, their leases have to run out: %s", error)

    async def _once(self) -> None:
        self._looks += 1
        await self._claim_and_send()
        if self._looks % TIDY_EVERY == 0:
            await super()._once()

    async def _claim_and_send(self) -> None:
        room = ROOM - len(self._sending)
        if room <= 0:
            return
        for owed in await asyncio.to_thread(self._claim, room):
            self._sending[owed.id] = (owed, asyncio.create_task(self._send(owed)))

    def _claim(self, room: int) -> list[Owed]:
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            is_late = has_late(connection)
            if not is_late and not has_due(connection):
                return []
        held = Counter(owed.endpoint_id for owed, _ in list(self._sending.values()))
        busy = [endpoint_id for endpoint_id, count in held.items() if count >= PER_ENDPOINT]
        with self._database.begin() as connection:
            if is_late:
                expire_old(connection)
            return claim_due(connection, owner=self._owner, limit=room, busy=busy)

    async def _send(self, owed: Owed) -> None:
        try:
            outcome = await post_message(owed, http=self._http, box=self._box)
            is_mine = await asyncio.to_thread(self._record, owed, outcome)
            if not is_mine:
                log.info("message %s was meanwhile sent by another worker", owed.id)
        except SQLAlchemyError as error:
            log.warning("what became of message %s could not be written, it will be sent again: %s", owed.id, error)
        except Exception:
            log.exception("message %s could not be sent; it will be tried again when its lease ends", owed.id)
        finally:
            self._sending.pop(owed.id, None)
            self.kick()

    def _record(self, owed: Owed, outcome: Outcome) -> bool:
        with self._database.begin() as connection:
            return record_outcome(connection, owed, outcome)

    def _release(self, owed: Sequence[Owed]) -> None:
        with self._database.begin() as connection:
            release(connection, owed)

    def _forget(self) -> None:
        with self._database.begin() as connection:
            forget_old(connection)
        with self._database.connect().execution_options(af_write=False) as connection, connection.begin():
            is_overdue = has_old(connection, utc_now())
        if is_overdue:
            with self._database.begin() as connection:
                forget_old_entries(connection, self._box, utc_now())
