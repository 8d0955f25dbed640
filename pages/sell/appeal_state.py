"""State of an appeal: the seller's one answer to a refusal or a takedown."""

from typing import Any

import reflex as rx

from app.services.market import appeal_case
from pages.appealing import Appealing
from pages.sell.state import SellState


class AppealState(Appealing, rx.State):
    """Which listing is asked about, and what its seller says."""

    async def _send(self) -> Any:
        await self._call(appeal_case, slug=self.asked, text=self.text)
        return SellState.load
