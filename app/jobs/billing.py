"""Asks the payment gateway about what fell due without news of it, inside each worker process. The test gateway sends no news by itself."""

import time

from app.jobs.looking import RepeatedLook
from app.services.subscriptions.settling import has_due
from app.subscribing import ask_due
from app.wiring import Wiring

EVERY_S = 20.0


class BillingWatch(RepeatedLook):
    """Bound to one event loop."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(self.look)
        self._wiring = wiring
        self._looked = -EVERY_S

    def look(self) -> int:
        """One pass in a while; returns how many subscriptions the gateway was asked about. Without any, it only reads."""
        if self._wiring.ports.payments is None or time.monotonic() - self._looked < EVERY_S:
            return 0
        self._looked = time.monotonic()
        with self._wiring.database.connect().execution_options(af_write=False) as connection, connection.begin():
            if not has_due(connection, self._wiring.ports.clock.now()):
                return 0
        return ask_due(self._wiring)
