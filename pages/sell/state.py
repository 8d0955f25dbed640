"""State of selling: own listings and earnings."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.services.market import get_earnings, list_offerable, relist_listing, unlist_listing
from app.services.workflows import create_for_agent
from app.views.market import Earnings, Offerable, OwnListing
from pages.loading import Loading


@dataclass(frozen=True, slots=True)
class FailureItem:
    """A payout that a bank refused."""

    amount: str
    reason: str
    action: str


AGENT = "agent:"  # before the id of one that is chosen


class SellState(Loading, rx.State):
    """The seller's overview."""

    listings: list[OwnListing] = []
    balance: str = ""
    available: str = ""
    lifetime: str = ""
    is_test_mode: bool = False
    has_account: bool = False
    can_pay_out: bool = False
    choices: list[dict[str, str]] = []
    chosen: str = ""
    share: str = ""
    failures: list[FailureItem] = []

    @rx.event
    async def load(self) -> None:
        """Read everything."""
        self.chosen = ""
        with self._loading():
            await self._fetch()
            self.choices = [_choice(one) for one in await self._read(list_offerable)]

    @rx.event
    def choose(self, workflow_id: str) -> None:
        """Take note of a workflow or agent; nothing is opened yet, for arrow keys pass through all of them."""
        self.chosen = str(workflow_id)[:64]

    @rx.event
    async def publish(self) -> Any:
        """Open the wizard for the chosen workflow; for an agent with a workflow that is made of it."""
        chosen = self.chosen
        if chosen.startswith(AGENT):
            chosen = (await self._call(create_for_agent, agent_id=chosen.removeprefix(AGENT))).id
        return rx.redirect(f"/marketplace/publish/{chosen}") if chosen else None

    @rx.event
    async def unlist(self, slug: str) -> None:
        """Off the shelf."""
        await self._call(unlist_listing, slug=slug)
        await self._fetch()

    @rx.event
    async def relist(self, slug: str) -> None:
        """Back on the shelf."""
        await self._call(relist_listing, slug=slug)
        await self._fetch()

    @rx.event
    async def look_again(self) -> None:
        """Read the figures again; what is chosen stays."""
        await self._fetch()

    async def _fetch(self) -> None:
        found: Earnings = await self._read(get_earnings)
        self.listings, self.is_test_mode = list(found.listings), found.is_test_mode
        self.has_account, self.can_pay_out = found.has_account, found.can_pay_out
        self.balance, self.available, self.lifetime = found.balance, found.available, found.lifetime
        self.share = found.share
        self.failures = [FailureItem(row.amount, row.reason, f"/api/v1/payouts/{row.id}/send-again") for row in found.bank_failures]


def _choice(one: Offerable) -> dict[str, str]:
    if one.kind == "agent":
        return {"value": AGENT + one.id, "label": f"Agent: {one.name}"}
    return {"value": one.id, "label": one.name}
