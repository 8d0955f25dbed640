"""State of linked sign-ins: providers of this installation, and which of them open this account."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from app.core.permissions import OwnSignInNeeded
from app.services.accounts import list_identities, unlink_external
from app.views.words import ago
from app.wiring import get_wiring
from pages.loading import Loading
from pages.sign_in.failures import told


@dataclass(frozen=True, slots=True)
class LinkedItem:
    """A provider, or one's account there."""

    id: str = ""
    label: str = ""
    note: str = ""
    action: str = ""


class LinkedState(Loading, rx.State):
    """What is linked, and what could be."""

    linked: list[LinkedItem] = []
    others: list[LinkedItem] = []
    is_done: bool = False
    failure: str = ""

    @rx.event
    async def load(self) -> None:
        """Read both."""
        self.is_done = self.router.url.query_parameters.get("linked") == "1"
        self.failure = told(self.router.url.query_parameters.get("failed", ""))
        with self._loading():
            await self._fetch()

    async def _fetch(self) -> None:
        now = get_wiring().ports.clock.now()
        labels = {card.key: card.label for card in get_wiring().identities.cards()}
        try:
            cards = await self._read(list_identities)
        except OwnSignInNeeded:
            self.linked, self.others = [], []
            return
        self.linked = [
            LinkedItem(card.id, labels.get(card.provider, card.provider), f"{card.label} · last used {ago(card.last_used, now=now)}")
            for card in cards
        ]
        taken = {card.provider for card in cards}
        self.others = [LinkedItem(key, label, "", f"/api/v1/auth/external/{key}") for key, label in labels.items() if key not in taken]

    @rx.event
    async def unlink(self, identity_id: str) -> Any:
        """Take one off."""
        await self._call(unlink_external, identity_id=identity_id)
        await self._fetch()
        return rx.toast.success("It opens this account no more.")
