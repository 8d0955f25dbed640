"""State of selling: own listings and earnings, and the wizard that publishes a workflow."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services.market import get_earnings, publish_listing, relist_listing, start_publishing, unlist_listing
from app.services.workflows import list_workflows
from app.views import words
from app.views.blueprints import PermissionLine
from app.views.market import Earnings, ListingForm, OwnListing, PublishCheck, PublishDraft
from components import ui
from pages.loading import Loading
from pages.sell.pictures_state import PicturesState

FIELDS = ("name", "tagline", "description", "category", "price", "billing", "licence", "version", "changelog", "look")


@dataclass(frozen=True, slots=True)
class Booking:
    """A line of the account."""

    at: str
    stamp: str
    what: str
    title: str
    amount: str


@dataclass(frozen=True, slots=True)
class FailureItem:
    """A payout that a bank refused."""

    amount: str
    reason: str
    action: str


class SellState(Loading, rx.State):
    """The seller's overview."""

    listings: list[OwnListing] = []
    bookings: list[Booking] = []
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

    async def _fetch(self) -> None:
        found: Earnings = await self._read(get_earnings)
        self.listings, self.is_test_mode = list(found.listings), found.is_test_mode
        self.has_account, self.can_pay_out = found.has_account, found.can_pay_out
        self.balance, self.available, self.lifetime = found.balance, found.available, found.lifetime
        self.share = found.share
        self.failures = [FailureItem(row.amount, row.reason, f"/api/v1/payouts/{row.id}/send-again") for row in found.bank_failures]
        self.bookings = [Booking(words.day(row.at), words.stamp(row.at), row.what, row.title, row.amount) for row in found.ledger]


class PublishState(Loading, rx.State):
    """The wizard."""

    workflow_name: str = ""
    checks: list[PublishCheck] = []
    permissions: list[PermissionLine] = []
    published: list[str] = []
    form: dict[str, str] = {}
    errors: dict[str, str] = {}
    tests_href: str = ""
    is_ready: bool = False
    is_publishing: bool = False

    @rx.event
    async def load(self) -> None:
        """Read the workflow's checks and the form as it was last published."""
        self.errors, self.is_loading = {}, True
        with self._loading():
            draft: PublishDraft = await self._read(start_publishing, workflow_id=self._address_id())
            self._show(draft)
            shown: Any = await self.get_state(PicturesState)
            shown._start(draft.listing.pictures)

    @rx.event
    def set_field(self, name: str, value: str) -> None:
        """Typing in the form."""
        if name in FIELDS:
            self.form = {**self.form, name: str(value)[:25_000]}

    @rx.event
    async def publish(self) -> Any:
        """Publish, or show what is wrong where it is wrong."""
        self.is_publishing = True
        yield
        shown: Any = await self.get_state(PicturesState)
        form = {**self.form, "pictures": shown._chosen()}
        try:
            slug = await self._call(publish_listing, workflow_id=self._address_id(), form=form)
        except AppError as refused:
            self.errors = refused.fields
            yield [rx.toast.error(refused.message), ui.focus_first_error()]
            return
        finally:
            self.is_publishing = False
        yield [rx.toast.success("Sent for review. It is shown once somebody has looked at it."), rx.redirect(f"/marketplace/{slug}")]

    def _show(self, draft: PublishDraft) -> None:
        listing: ListingForm = draft.listing
        self.workflow_name, self.checks, self.permissions = draft.workflow_name, list(draft.checks), list(draft.permissions)
        self.published, self.form = list(draft.published), {name: getattr(listing, name) for name in FIELDS}
        self.tests_href = f"/workflows/{self._address_id()}/tests"
        self.is_ready = all(check.is_ok for check in draft.checks)
