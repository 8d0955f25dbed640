"""State of selling: own listings and earnings."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.services.market import get_earnings, relist_listing, unlist_listing
from app.services.workflows import list_workflows
from app.views.market import Earnings, OwnListing
from pages.loading import Loading


@dataclass(frozen=True, slots=True)
class FailureItem:
    """A payout that a bank refused."""

    amount: str
    reason: str
    action: str


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
            found = await self._read(list_workflows)
            self.choices = [{"value": str(card.id), "label": card.name} for card in found.items]

    @rx.event
    def choose(self, workflow_id: str) -> None:
        """Take note of a workflow; nothing is opened yet, for arrow keys pass through all of them."""
        self.chosen = str(workflow_id)[:64]

    @rx.event
    def publish(self) -> Any:
        """Open the wizard for the chosen workflow."""
        return rx.redirect(f"/marketplace/publish/{self.chosen}") if self.chosen else None

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
