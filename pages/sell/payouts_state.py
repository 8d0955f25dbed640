"""State of the way back from setting payouts up: what is true now, what is still asked for, and what comes next."""

import asyncio
from typing import Any

import reflex as rx

from app import checkout
from app.core.errors import AppError, NotSignedIn
from app.core.payments import GatewayAccount
from app.session import Bridge, call_as
from app.wiring import get_wiring
from pages.sell.state import SellState

BACK = "back"


class PayoutsState(Bridge, rx.State):
    """The workspace's account at the payment service: `phase` is "" (none), asked, checking, later, ready or unheard."""

    phase: str = ""
    asks: str = ""
    is_back: bool = False

    @rx.event
    async def load(self) -> Any:
        """Ask the payment service, where its last word was that payouts are not ready, or where somebody comes from there."""
        self.phase, self.asks = "", ""
        self.is_back = self.router.url.query_parameters.get("payouts") == BACK
        sell: Any = await self.get_state(SellState)
        if sell.has_account and not self.is_back:
            return None
        token = self._token()

        def run(service: Any, **arguments: Any) -> Any:
            return call_as(token, service, write=False, arguments=arguments)

        try:
            found = await asyncio.to_thread(checkout.look_at_payouts, get_wiring(), run)
        except NotSignedIn:
            raise
        except AppError:
            self.phase = "unheard" if self.is_back else ""
            return None
        self._show(found)
        return SellState.look_again if found is not None and found.is_ready and not sell.has_account else None

    def _show(self, found: GatewayAccount | None) -> None:
        if found is None:
            self.phase = ""
        elif found.is_ready:
            self.phase = "ready"
        else:
            self.phase = "asked" if found.asks else "checking" if found.is_checking else "later"
        self.asks = ", ".join(found.asks) if found else ""
