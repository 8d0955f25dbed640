"""State of a listing's page: what it shows, and installing after the permission screen."""

from typing import Any

import reflex as rx

from app.core.errors import AppError, NotFound, NotSignedIn
from app.services.market import CredentialDoesNotFit, find_listings, get_listing, install_listing, note_view, plan_install
from app.session import Bridge
from app.views.installs import InstallPlan
from app.views.market import Found, ListingCard, ListingDetail
from components.canvas.messages import post
from pages.offer.ask_state import AskState
from pages.offer.present import EMPTY_CARD, OfferItem, PlanItem, SampleItem, VersionItem, offer_item, plan_item, sample_items, version_item

LONGEST_WORDS, MOST_ALIKE = 80, 4


class OfferState(Bridge, rx.State):
    """One listing as this workspace sees it."""

    card: ListingCard = EMPTY_CARD
    offer: OfferItem = OfferItem()
    samples: list[SampleItem] = []
    versions: list[VersionItem] = []
    related: list[ListingCard] = []
    plan: PlanItem = PlanItem()
    is_planning: bool = False
    is_installing: bool = False
    is_loading: bool = True
    problem: str = ""
    is_missing: bool = False

    @rx.event
    async def load(self) -> Any:
        """Read the listing, and count the visit once it stands."""
        self.is_loading, self.is_planning, self.problem, self.card, self.is_missing = True, False, "", EMPTY_CARD, False
        try:
            detail: ListingDetail = await self._read(get_listing, slug=self._address_id())
        except NotSignedIn:
            raise
        except AppError as refused:
            self.is_missing = isinstance(refused, NotFound)
            self.related = await self._alike() if self.is_missing else []
            self.problem, self.is_loading = refused.message, False
            return None
        self._show(detail)
        if detail.can_install or detail.is_visitor:
            await self._call(note_view, slug=detail.card.slug, network=self.router.session.client_ip)
        shown = {"revision": 1, "can_edit": False, "can_run": False, "findings": [], "id": detail.card.slug, "name": detail.card.name}
        drawn = post("open", {"detail": {**shown, "definition": detail.workflow}})
        is_back = detail.can_install and self.router.url.query_parameters.get("install") == "1"
        return (
            [drawn, OfferState.ask_install] if is_back and not detail.room_note and detail.access not in ("installed", "lapsed") else drawn
        )

    @rx.event
    async def look_again(self) -> None:
        """Something of it was changed in a dialog."""
        self._show(await self._read(get_listing, slug=self._address_id()))

    @rx.event
    async def ask_install(self) -> None:
        """Open the permission screen."""
        plan: InstallPlan = await self._read(plan_install, slug=self._address_id())
        asking: Any = await self.get_state(AskState)
        asking._propose(plan.asks, opens="install", can_make=plan.can_make)
        self.plan, self.is_planning = plan_item(plan), True

    @rx.event
    def set_planning(self, is_open: bool) -> None:
        """Close the permission screen."""
        self.is_planning = is_open is True

    @rx.event
    async def install(self) -> Any:
        """Bring in what the permission screen showed, and open it."""
        self.is_installing = True
        yield
        asking: Any = await self.get_state(AskState)
        wish = {"slug": self._address_id(), "version": self.plan.version, "credentials": dict(asking.picks)}
        try:
            workflow_id = await self._call(install_listing, **wish)
        except CredentialDoesNotFit as refused:
            asking.errors = refused.fields
            return
        finally:
            self.is_installing = False
        self.is_planning = False
        yield [_installed(any(not pick for pick in asking.picks.values())), rx.redirect(f"/workflows/{workflow_id}")]

    async def _alike(self) -> list[ListingCard]:
        """What somebody may have meant who came to an address of nothing."""
        words = self._address_id().replace("-", " ")[:LONGEST_WORDS]
        try:
            found: Found = await self._read(find_listings, search=words, network=self.router.session.client_ip)
        except AppError:
            return []
        return list(found.cards[:MOST_ALIKE])

    def _show(self, detail: ListingDetail) -> None:
        self.card, self.offer, self.related = detail.card, offer_item(detail), list(detail.related)
        self.samples, self.versions = sample_items(detail.samples), [version_item(row) for row in detail.versions]
        self.is_loading = False


def _installed(is_lacking: bool) -> Any:
    if is_lacking:
        return rx.toast.warning("Installed. Before it runs, choose the credentials you left for later: its problems say where.")
    return rx.toast.success("Installed. Nothing runs until you start it.")
