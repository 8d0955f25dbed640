"""A look that repeats about once a second, and whenever it is asked for; the dispatcher and the triggers live by it."""

import asyncio
import logging
import random
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import DatabaseAway

log = logging.getLogger(__name__)
EVERY_S = 1.0


class RepeatedLook:
    """Bound to one event loop. A database that does not answer is asked again."""

    def __init__(self, look: Callable[[], object]) -> None:
        self._look = look
        self._kick = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_alive(self) -> bool:
        """Whether its task still runs."""
        return self._task is not None and not self._task.done()

    def kick(self) -> None:
        """Look now."""
        self._kick.set()

    async def _once(self) -> None:
        await asyncio.to_thread(self._look)

    async def _run(self) -> None:
        while True:
            try:
                await self._once()
            except (SQLAlchemyError, DatabaseAway) as error:
                log.warning("%s failed to look for work, trying again: %s", type(self).__name__, error)
            try:
                # not wait_for, which in Python 3.11 loses a cancellation that comes together with the kick
                async with asyncio.timeout(EVERY_S * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads processes, no secret
                    await self._kick.wait()
            except TimeoutError:
                continue
            self._kick.clear()
